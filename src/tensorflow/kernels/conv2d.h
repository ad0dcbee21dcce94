/* A convolution with padding `same`, NHWC, with its gradients: the algorithm that suits it. */
#pragma once
#include "columns.h"
#include "products.h"
#include "upsampled.h"

namespace pipe {

struct ConvShape {
  int batch, height, width, inputs, outputs, kernel, stride, upsample;

  int out_height() const { return up(height * upsample, stride); }
  int out_width() const { return up(width * upsample, stride); }
  bool is_offered() const { return upsample == 1 || (upsample == 2 && kernel == 3 && stride == 1); }
  bool has_few_outputs() const { return kernel == 3 && stride == 1 && outputs < LANES; }
};

/** Calls `work` with the shape as the algorithm that suits it wants it. */
template <class Work>
inline void with_algorithm(const ConvShape& shape, const Work& work) {
  const auto& [batch, height, width, inputs, outputs, kernel, stride, upsample] = shape;
  if (upsample == 2) work(UpsampledShape{batch, height, width, inputs, outputs});
  else if (shape.has_few_outputs()) work(ProductShape{batch, height, width, inputs, outputs});
  else work(ColumnShape{batch, height, width, inputs, outputs, kernel, stride});
}

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, uH/s, uW/s, O], rounded up. */
inline void conv2d(const ConvShape& shape, const float* x, const float* kernel, float* output) {
  with_algorithm(shape, [&](const auto& suited) { forward(suited, x, kernel, output); });
}

/** The gradient of the output; answers that of x. */
inline void conv2d_input_gradient(const ConvShape& shape, const float* gradient, const float* kernel, float* result) {
  with_algorithm(shape, [&](const auto& suited) { input_gradient(suited, gradient, kernel, result); });
}

/** x and the gradient of the output; answers the kernel's [k, k, I, O]. */
inline void conv2d_kernel_gradient(const ConvShape& shape, const float* x, const float* gradient, float* result) {
  with_algorithm(shape, [&](const auto& suited) { kernel_gradient(suited, x, gradient, result); });
}

}  // namespace pipe
