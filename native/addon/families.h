// One init function a family: it puts the family's functions on the exports. Same stems as in lib/.
#pragma once

#include <napi.h>

namespace numcore::addon {

void init_threads(Napi::Env env, Napi::Object exports);
void init_library(Napi::Env env, Napi::Object exports);
void init_linalg(Napi::Env env, Napi::Object exports);
void init_products(Napi::Env env, Napi::Object exports);
void init_factor(Napi::Env env, Napi::Object exports);
void init_solve(Napi::Env env, Napi::Object exports);
void init_eigen(Napi::Env env, Napi::Object exports);
void init_batch(Napi::Env env, Napi::Object exports);
void init_expression(Napi::Env env, Napi::Object exports);
void init_quadrature(Napi::Env env, Napi::Object exports);
void init_text(Napi::Env env, Napi::Object exports);
void init_correlation(Napi::Env env, Napi::Object exports);
void init_fft(Napi::Env env, Napi::Object exports);
void init_roof(Napi::Env env, Napi::Object exports);
void init_shared(Napi::Env env, Napi::Object exports);

}  // namespace numcore::addon
