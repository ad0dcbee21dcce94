/* A convolution with padding `same`, NHWC, and its gradients, each by the algorithm that is fastest for its shape. */
#pragma once
#include <algorithm>
#include <cstddef>
#include "few_inputs.h"
#include "im2col.h"
#include "kn2row.h"
#include "upsampled.h"
#include "winograd.h"

namespace pipe {

struct ConvShape {
  int batch, height, width, inputs, outputs, kernel, stride, upsample;

  int out_height() const { return ceil_div(height * upsample, stride); }
  int out_width() const { return ceil_div(width * upsample, stride); }
  bool is_supported() const { return upsample == 1 || (upsample == 2 && kernel == 3 && stride == 1); }
  bool has_few_outputs() const { return kernel == 3 && stride == 1 && outputs < LANES; }
  /** True where x, the kernel or the output has no elements: every result is a sum of nothing, zero. */
  bool is_empty() const { return batch == 0 || height == 0 || width == 0 || inputs == 0 || outputs == 0; }
  size_t x_size() const { return static_cast<size_t>(batch) * height * width * inputs; }
  size_t kernel_size() const { return static_cast<size_t>(kernel) * kernel * inputs * outputs; }
  size_t output_size() const { return static_cast<size_t>(batch) * out_height() * out_width() * outputs; }
};

/** Minimal filtering takes at most this share of a direct convolution's multiplications where it is chosen: transforms take time. */
constexpr double WINOGRAD_SHARE = 0.6;
/** Tiles from which on the transform of the kernel, which is the same for any number of them, is worth its time. */
constexpr int WINOGRAD_MIN_TILES = 16;

/** Channels of an image that a first layer gets. */
constexpr int COLOUR_CHANNELS = 4;

inline bool is_faster_by_winograd(const WinogradShape& shape) {
  // Transforms of few channels leave most of a vector empty, in each of the four phases of a stride of 2.
  const bool fills_vectors = shape.inputs >= LANES || (shape.stride == 1 && shape.inputs > COLOUR_CHANNELS);
  return shape.is_supported() && fills_vectors && shape.multiplications() <= WINOGRAD_SHARE &&
         shape.forward_pass().tiles() >= WINOGRAD_MIN_TILES;
}

/** Calls `compute` with the shape of the chosen algorithm. */
template <class Compute>
inline void with_algorithm(const ConvShape& shape, const Compute& compute) {
  const auto& [batch, height, width, inputs, outputs, kernel, stride, upsample] = shape;
  if (upsample == 2) compute(UpsampledShape{batch, height, width, inputs, outputs});
  else if (shape.has_few_outputs()) compute(Kn2rowShape{batch, height, width, inputs, outputs});
  else {
    const Im2colShape direct{batch, height, width, inputs, outputs, kernel, stride};
    const WinogradShape tiled{direct};
    const FewInputsShape few{direct};
    if (is_faster_by_winograd(tiled)) compute(tiled);
    else if (few.is_faster()) compute(few);
    else compute(direct);
  }
}

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, uH/s, uW/s, O], rounded up. */
inline void conv2d(const ConvShape& shape, const float* x, const float* kernel, const Finish& finish, float* output) {
  if (!shape.is_empty()) return with_algorithm(shape, [&](const auto& chosen) { forward(chosen, x, kernel, finish, output); });
  std::fill_n(output, shape.output_size(), 0.0f);
  if (shape.outputs > 0) finish.finish(output, static_cast<int>(shape.output_size() / shape.outputs), shape.outputs, 0, shape.outputs);
}

/** gradient of the output, kernel [k, k, I, O]; result [B, H, W, I], the gradient of x. */
inline void conv2d_input_gradient(const ConvShape& shape, const float* gradient, const float* kernel, float* result) {
  if (shape.is_empty()) std::fill_n(result, shape.x_size(), 0.0f);
  else with_algorithm(shape, [&](const auto& chosen) { input_gradient(chosen, gradient, kernel, result); });
}

/** x [B, H, W, I], gradient of the output; result [k, k, I, O], the gradient of the kernel. */
inline void conv2d_kernel_gradient(const ConvShape& shape, const float* x, const float* gradient, float* result) {
  if (shape.is_empty()) std::fill_n(result, shape.kernel_size(), 0.0f);
  else with_algorithm(shape, [&](const auto& chosen) { kernel_gradient(chosen, x, gradient, result); });
}

}  // namespace pipe
