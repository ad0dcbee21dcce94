/* The gradients of what follows a convolution (finish.h). */
#pragma once
#include "batch_norm.h"

namespace pipe {

/**
 * y [count, C] and its gradient; result [count, C], the gradient before the leaky ReLU, and bias [C], that of the bias. The sign of
 * y is that of the ReLU's input.
 */
inline void finish_gradient(const NormShape& shape, float slope, const float* gradient, const float* y, float* result, float* bias) {
  const int channels = shape.channels;
  if (shape.is_empty()) {
    std::fill_n(bias, channels, 0.0f);
    return;
  }
  Scratch sums(shape.parts() * shape.row());
  each_part(shape, [&](int part, int first, int pixels) {
    sum_pixels(shape, first, pixels, &sums[part * shape.row()], [&](size_t start, int channel) {
      const int count = channels - channel;
      const size_t at = start + channel;
      const Vector value = scale_negative(load(y + at, count), load(gradient + at, count), slope);
      store(result + at, value, count);
      return value;
    });
  });
  std::vector<double> total(channels);
  for (int part = 0; part < shape.parts(); part++)
    for (int channel = 0; channel < channels; channel++) total[channel] += sums[part * shape.row() + channel];
  for (int channel = 0; channel < channels; channel++) bias[channel] = static_cast<float>(total[channel]);
}

}  // namespace pipe
