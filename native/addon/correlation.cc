#include <napi.h>

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "kernels/correlation/autocorrelation.h"
#include "kernels/correlation/dynamics.h"
#include "kernels/correlation/significance.h"
#include "kernels/correlation/word_correlation.h"
#include "kernels/text/word_count.h"

namespace numcore::addon {
namespace {

// Below this much work a second thread costs more than it saves (about 0.3 ms).
constexpr std::size_t kSmallTokens = std::size_t{1} << 17;
constexpr double kSmallProducts = 1e6;

std::vector<std::string> strings(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<std::string> result(array.Length());
  for (std::uint32_t i = 0; i < result.size(); ++i) {
    const Napi::HandleScope scope(value.Env());
    result[i] = text(array.Get(i));
  }
  return result;
}

// An axis from two Uint32Arrays; an empty second one means tokens. Checked when the job runs: JavaScript
// could have written to them.
correlation::Axis axis_of(const Napi::Value& ids, const Napi::Value& starts) {
  return {view<const std::uint32_t>(ids), view<const std::uint32_t>(starts)};
}

// wordAcf(ids, starts, arena, begins, words, timesteps, first, counts, values, occurrences, control): writes
// the last three arrays, Float64Arrays of words * timesteps, words * timesteps and words elements.
Napi::Value word_acf(const Napi::CallbackInfo& call) {
  const correlation::Axis axis = axis_of(call[0], call[1]);
  const auto arena = view<const std::uint8_t>(call[2]);
  const auto begins = view<const std::uint32_t>(call[3]);
  const auto timesteps = static_cast<std::size_t>(integer(call[5])),
             first = static_cast<std::size_t>(integer(call[6]));
  const correlation::WordCorrelation result{view<double>(call[7]), view<double>(call[8]),
                                            view<double>(call[9])};
  const Size size = axis.ids.size() <= kSmallTokens ? Size::small : Size::wide;
  return submit(
      call, call[10], size, {call[0], call[1], call[2], call[3], call[7], call[8], call[9]},
      [=, words = strings(call[4])](JobContext& context) -> Finish {
        const std::vector<std::string_view> wanted(words.begin(), words.end());
        const std::vector<std::uint32_t> chosen =
            text::find_words({reinterpret_cast<const char*>(arena.data()), arena.size()}, begins, wanted);
        correlation::check_starts(axis.starts, axis.ids.size());
        correlation::correlate_words(axis, begins.size() - 1, chosen, timesteps, first, result, context);
        return [](Napi::Env env) { return env.Undefined(); };
      });
}

Napi::Float64Array array(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array result = Napi::Float64Array::New(env, values.size());
  if (!values.empty()) std::memcpy(result.Data(), values.data(), values.size() * sizeof(double));
  return result;
}

Napi::Object fit_object(Napi::Env env, const correlation::DynamicsFit& fit) {
  const auto set = [env](Napi::Object object, std::initializer_list<std::pair<const char*, double>> values) {
    for (const auto& [name, value] : values) object.Set(name, Napi::Number::New(env, value));
    return object;
  };
  const auto& [stretched, step] = fit;
  Napi::Object result = Napi::Object::New(env);
  result.Set("kww", set(Napi::Object::New(env), {{"alpha", stretched.alpha},
                                                 {"tau", stretched.tau},
                                                 {"beta", stretched.beta},
                                                 {"rss", stretched.rss},
                                                 {"bic", stretched.bic}}));
  result.Set("step",
             set(Napi::Object::New(env), {{"level", step.level}, {"rss", step.rss}, {"bic", step.bic}}));
  return result;
}

// wordDynamics(ids, starts, arena, begins, counts, words, minLength, timesteps, control): of the `words` most
// frequent words of at least minLength characters, { id, sentences, acf, kww, step } each.
Napi::Value word_dynamics(const Napi::CallbackInfo& call) {
  const correlation::Axis axis = axis_of(call[0], call[1]);
  const auto arena = view<const std::uint8_t>(call[2]);
  const auto begins = view<const std::uint32_t>(call[3]), counts = view<const std::uint32_t>(call[4]);
  const auto words = static_cast<std::size_t>(integer(call[5])),
             min_length = static_cast<std::size_t>(integer(call[6])),
             timesteps = static_cast<std::size_t>(integer(call[7]));
  return submit(call, call[8], Size::wide, {call[0], call[1], call[2], call[3], call[4]},
                [=](JobContext& context) -> Finish {
                  std::vector<std::uint32_t> chosen =
                      text::order_by_count({reinterpret_cast<const char*>(arena.data()), arena.size()},
                                           begins, counts, min_length);
                  if (chosen.size() > words) chosen.resize(words);
                  correlation::check_starts(axis.starts, axis.ids.size());
                  return [found = correlation::word_dynamics(axis, counts.size(), chosen, timesteps,
                                                             context)](Napi::Env env) -> Napi::Value {
                    Napi::Array result = Napi::Array::New(env, found.size());
                    for (std::uint32_t i = 0; i < found.size(); ++i) {
                      const Napi::HandleScope scope(env);
                      const correlation::WordDynamics& each = found[i];
                      Napi::Object entry = fit_object(env, each.fit);
                      entry.Set("id", Napi::Number::New(env, each.word));
                      entry.Set("sentences", Napi::Number::New(env, each.sentences));
                      entry.Set("acf", array(env, each.acf));
                      result.Set(i, entry);
                    }
                    return result;
                  };
                });
}

// fitDynamics(acf, control): { kww, step }.
Napi::Value fit_dynamics(const Napi::CallbackInfo& call) {
  const auto acf = view<const double>(call[0]);
  return submit(call, call[1], Size::small, {call[0]}, [=](JobContext&) -> Finish {
    return [fit = correlation::fit_dynamics(acf)](Napi::Env env) { return fit_object(env, fit); };
  });
}

correlation::SeriesOptions series_options(const Napi::Object& given) {
  const std::string method = text(given.Get("method")), missing = text(given.Get("missing"));
  using correlation::Method, correlation::Missing;
  return {static_cast<std::size_t>(integer(given.Get("lags"))), given.Get("adjusted").As<Napi::Boolean>(),
          given.Get("demean").As<Napi::Boolean>(),
          method == "fft"      ? Method::fft
          : method == "direct" ? Method::direct
                               : Method::automatic,
          missing == "none"           ? Missing::none
          : missing == "conservative" ? Missing::conservative
          : missing == "drop"         ? Missing::drop
                                      : Missing::raise};
}

Size size_of(std::size_t n, const correlation::SeriesOptions& options) {
  const double products = static_cast<double>(n) * static_cast<double>(options.lags + 1);
  return products <= kSmallProducts ? Size::small : Size::wide;
}

// series(kind, x, y, { lags, adjusted, demean, method, missing }, control): lags + 1 values.
Napi::Value series(const Napi::CallbackInfo& call) {
  const std::string kind = text(call[0]);
  const auto x = view<const double>(call[1]), y = view<const double>(call[2]);
  const correlation::SeriesOptions options = series_options(call[3].As<Napi::Object>());
  return submit(call, call[4], size_of(x.size(), options), {call[1], call[2]},
                [=](JobContext& context) -> Finish {
                  auto values = kind == "acf"   ? correlation::autocorrelation(x, options, context)
                                : kind == "ccf" ? correlation::cross_correlation(x, y, options, context)
                                                : correlation::autocovariance(x, options, context);
                  return [result = std::move(values)](Napi::Env env) { return array(env, result); };
                });
}

// acfInfo(x, options, level, fitted, control): the autocorrelation and what chance would make of it.
Napi::Value acf_info(const Napi::CallbackInfo& call) {
  const auto x = view<const double>(call[0]);
  const correlation::SeriesOptions options = series_options(call[1].As<Napi::Object>());
  const double level = number(call[2]);
  const auto fitted = static_cast<std::size_t>(integer(call[3]));
  return submit(call, call[4], size_of(x.size(), options), {call[0]}, [=](JobContext& context) -> Finish {
    auto values = correlation::autocorrelation(x, options, context);
    auto widths = correlation::bartlett(values, x.size(), level);
    auto tests = correlation::ljung_box(values, x.size(), fitted);
    return [values = std::move(values), widths = std::move(widths),
            tests = std::move(tests)](Napi::Env env) -> Napi::Value {
      Napi::Object result = Napi::Object::New(env);
      result.Set("values", array(env, values));
      result.Set("widths", array(env, widths));
      result.Set("statistic", array(env, tests.statistic));
      result.Set("p", array(env, tests.p));
      return result;
    };
  });
}

}  // namespace

void init_correlation(Napi::Env env, Napi::Object exports) {
  exports.Set("wordAcf", Napi::Function::New(env, word_acf, "wordAcf"));
  exports.Set("wordDynamics", Napi::Function::New(env, word_dynamics, "wordDynamics"));
  exports.Set("fitDynamics", Napi::Function::New(env, fit_dynamics, "fitDynamics"));
  exports.Set("series", Napi::Function::New(env, series, "series"));
  exports.Set("acfInfo", Napi::Function::New(env, acf_info, "acfInfo"));
}

}  // namespace numcore::addon
