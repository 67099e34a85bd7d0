#include <napi.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "kernels/text/source.h"
#include "kernels/text/tokenize.h"
#include "kernels/text/word_count.h"

namespace numcore::addon {
namespace {

Napi::Value copy(Napi::Env env, std::span<const std::uint32_t> values) {
  Napi::Uint32Array array = Napi::Uint32Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size_bytes());
  return array;
}

// Up to here the ids are copied at once, on JavaScript's thread.
constexpr std::size_t kFewIds = std::size_t{1} << 17;

using Ids = std::shared_ptr<text::Text>;

Finish finish(text::Text made, bool sentences) {
  return [sentences, made = std::make_shared<text::Text>(std::move(made))](Napi::Env env) -> Napi::Value {
    const std::string_view arena = made->vocabulary.arena();
    Napi::Uint8Array bytes = Napi::Uint8Array::New(env, arena.size());
    if (!arena.empty()) std::memcpy(bytes.Data(), arena.data(), arena.size());
    Napi::Object result = Napi::Object::New(env);
    result.Set("length", Napi::Number::New(env, static_cast<double>(made->length)));
    result.Set("counts", copy(env, made->counts));
    result.Set("arena", bytes);
    result.Set("begins", copy(env, made->vocabulary.begins()));
    if (sentences) result.Set("starts", copy(env, made->starts));
    if (made->length <= kFewIds) {
      Napi::Uint32Array ids = Napi::Uint32Array::New(env, made->length);
      if (made->length > 0) made->take_ids(ids.Data(), 1);
      result.Set("ids", ids);
    } else {
      result.Set("waiting",
                 Napi::External<Ids>::New(env, new Ids(made), [](Napi::Env, Ids* ids) { delete ids; }));
    }
    return result;
  };
}

// takeIds(waiting, ids, control): writes the ids of a text to an array of its length; once only.
Napi::Value take_ids(const Napi::CallbackInfo& call) {
  const Ids made = *call[0].As<Napi::External<Ids>>().Data();
  const auto ids = view<std::uint32_t>(call[1]);
  return submit(call, call[2], Size::wide, {call[0], call[1]}, [=](JobContext& context) -> Finish {
    made->take_ids(ids.data(), context.threads());
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

// readText(source, small, sentences, control): source is a path or the bytes of the text; small asks for the
// lane of small jobs. Gives { length, counts, arena, begins }, the last two are a Vocabulary's; with
// sentences also { starts }; and { ids }, or for a long text { waiting } for takeIds().
Napi::Value read_text(const Napi::CallbackInfo& call) {
  const Size size = call[1].As<Napi::Boolean>() ? Size::small : Size::wide;
  const bool sentences = call[2].As<Napi::Boolean>();
  const Napi::Value control = call[3];
  if (call[0].IsString()) {
    return submit(call, control, size, {}, [sentences, path = addon::text(call[0])](JobContext& context) {
      const std::unique_ptr<text::Source> source = text::open_file(path, context);
      return finish(text::tokenize(*source, context, sentences), sentences);
    });
  }
  const std::span<const std::uint8_t> bytes = view<const std::uint8_t>(call[0]);
  return submit(call, control, size, {call[0]}, [sentences, bytes](JobContext& context) {
    const std::string_view utf8(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return finish(text::tokenize(utf8, context, sentences), sentences);
  });
}

// wordOrder(arena, begins, counts, minLength, control): the ids in the order of a word count.
Napi::Value word_order(const Napi::CallbackInfo& call) {
  const auto arena = view<const std::uint8_t>(call[0]);
  const auto begins = view<const std::uint32_t>(call[1]), counts = view<const std::uint32_t>(call[2]);
  const auto min_length = static_cast<std::size_t>(integer(call[3]));
  return submit(call, call[4], Size::small, {call[0], call[1], call[2]}, [=](JobContext&) -> Finish {
    const std::string_view words(reinterpret_cast<const char*>(arena.data()), arena.size());
    return [order = text::order_by_count(words, begins, counts, min_length)](Napi::Env env) {
      return copy(env, order);
    };
  });
}

}  // namespace

void init_text(Napi::Env env, Napi::Object exports) {
  exports.Set("readText", Napi::Function::New(env, read_text, "readText"));
  exports.Set("takeIds", Napi::Function::New(env, take_ids, "takeIds"));
  exports.Set("wordOrder", Napi::Function::New(env, word_order, "wordOrder"));
}

}  // namespace numcore::addon
