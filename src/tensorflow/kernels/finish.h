/* What follows the sums of a convolution, in the pass that writes them: reading them again from memory would take longer. */
#pragma once
#include "tile.h"

namespace pipe {

/** `factor · vector` in the lanes where `sign` is not positive; in the others, `vector`. */
inline Vector scale_negative(Vector sign, Vector vector, float factor) { return sign > Vector{} ? vector : factor * vector; }

/** A bias for each channel, and a leaky ReLU with the slope where its input is negative: 0 for ReLU, 1 for none. */
struct Finish {
  /** Null for none; then the sums are the outputs. */
  const float* bias = nullptr;
  float slope = 1;

  /** `count` outputs from `channel` on. */
  Vector outputs(Vector sums, int channel, int count) const {
    if (bias == nullptr) return sums;
    const Vector values = sums + load(bias + channel, count);
    return scale_negative(values, values, slope);
  }

  /** Turns the sums of `width` channels from `channel` on of some pixels, `stride` floats apart, into outputs. */
  void finish(float* sums, int pixels, int stride, int channel, int width) const {
    if (bias == nullptr) return;
    for (int pixel = 0; pixel < pixels; pixel++, sums += stride)
      for (int at = 0; at < width; at += LANES)
        store(sums + at, outputs(load(sums + at, width - at), channel + at, width - at), width - at);
  }
};

}  // namespace pipe
