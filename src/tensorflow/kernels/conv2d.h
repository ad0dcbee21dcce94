/* A convolution with padding `same`, NHWC, with its gradients: the algorithm that suits it. */
#pragma once
#include "columns.h"
#include "products.h"

namespace pipe {

struct ConvShape {
  int batch, height, width, inputs, outputs, kernel, stride, upsample;

  int out_height() const { return up(height * upsample, stride); }
  int out_width() const { return up(width * upsample, stride); }
  bool is_offered() const { return upsample == 1 || (upsample == 2 && kernel == 3 && stride == 1); }
  /** Products by input pixel save multiplications for an upsampled input, and make wider matrices of few outputs. */
  bool by_products() const { return upsample == 2 || (kernel == 3 && stride == 1 && outputs < LANES); }
  ProductShape as_products() const { return {batch, height, width, inputs, outputs, upsample}; }
  ColumnShape as_columns() const { return {batch, height, width, inputs, outputs, kernel, stride}; }
};

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, uH/s, uW/s, O], rounded up. */
inline void conv2d(const ConvShape& shape, const float* x, const float* kernel, float* output) {
  if (shape.by_products()) forward(shape.as_products(), x, kernel, output);
  else forward(shape.as_columns(), x, kernel, output);
}

/** The gradient of the output; answers that of x. */
inline void conv2d_input_gradient(const ConvShape& shape, const float* gradient, const float* kernel, float* result) {
  if (shape.by_products()) input_gradient(shape.as_products(), gradient, kernel, result);
  else input_gradient(shape.as_columns(), gradient, kernel, result);
}

/** x and the gradient of the output; answers that of the kernel. */
inline void conv2d_kernel_gradient(const ConvShape& shape, const float* x, const float* gradient, float* result) {
  if (shape.by_products()) kernel_gradient(shape.as_products(), x, gradient, result);
  else kernel_gradient(shape.as_columns(), x, gradient, result);
}

}  // namespace pipe
