/*
 * Batch normalisation by the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1), of `count` pixels with C channels
 * each, and its gradient. The variance is combined from those of parts and the differences of their means (Chan, Golub and LeVeque
 * 1979), so x is read from memory once. The parts are the same for every number of threads.
 */
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"

namespace pipe {

struct NormShape {
  int count, channels;

  bool is_empty() const { return count == 0 || channels == 0; }
  /** Floats of a pixel. */
  size_t row() const { return channels; }
  /** Pixels of each part but the last one, which fit into a core's cache. */
  int part_pixels() const { return std::max(1, 8192 / channels); }
  int parts() const { return ceil_div(count, part_pixels()); }
  int pixels(int part) const { return std::min(part_pixels(), count - part * part_pixels()); }
};

/** Vectors of channels that are summed side by side, as many as keep the adders busy. */
constexpr int SUM_VECTORS = 4;

/** Calls `visit(part, first, pixels)` for each part, on all threads. */
template <class Visit>
inline void each_part(const NormShape& shape, const Visit& visit) {
  ThreadPool::shared().parallel_for(shape.parts(), [&](int part) {
    visit(part, part * shape.part_pixels(), shape.pixels(part));
  });
}

/** `sums[c] = Σ term(start, c)` over `pixels` pixels from `first` on; `start` is the offset of a pixel, a term is a vector of channels. */
template <class Term>
inline void sum_pixels(const NormShape& shape, int first, int pixels, float* sums, const Term& term) {
  const int channels = shape.channels;
  for (int channel = 0; channel < channels; channel += SUM_VECTORS * LANES) {
    Vector totals[SUM_VECTORS] = {};
    const int vectors = std::min(SUM_VECTORS, ceil_div(channels - channel, LANES));
    for (int pixel = first; pixel < first + pixels; pixel++) {
      const size_t start = static_cast<size_t>(pixel) * channels;
      if (channel + SUM_VECTORS * LANES <= channels) {
#pragma GCC unroll 4
        for (int at = 0; at < SUM_VECTORS; at++) totals[at] += term(start, channel + at * LANES);
      } else {
        for (int at = 0; at < vectors; at++) totals[at] += term(start, channel + at * LANES);
      }
    }
    for (int at = 0; at < vectors; at++) store(sums + channel + at * LANES, totals[at], channels - channel - at * LANES);
  }
}

/** `result = value(start, channel, count)` for each vector of channels; `count` channels of the pixel are left. */
template <class Value>
inline void fill_pixels(const NormShape& shape, float* result, const Value& value) {
  each_part(shape, [&](int, int first, int pixels) {
    for (size_t start = first * shape.row(); start < (first + pixels) * shape.row(); start += shape.row())
      for (int channel = 0; channel < shape.channels; channel += LANES) {
        const int count = shape.channels - channel;
        store(result + start + channel, value(start, channel, count), count);
      }
  });
}

/** x [count, C], scale and offset [C]; y [count, C], mean and (biased) variance [C], which are NaN without pixels. */
inline void batch_norm(const NormShape& shape, float epsilon, const float* x, const float* scale, const float* offset, float* y,
                       float* mean, float* variance) {
  const int channels = shape.channels;
  if (shape.is_empty()) {
    for (float* statistics : {mean, variance}) std::fill_n(statistics, channels, std::numeric_limits<float>::quiet_NaN());
    return;
  }
  Scratch means(shape.parts() * shape.row()), squares(shape.parts() * shape.row());
  each_part(shape, [&](int part, int first, int pixels) {
    float* part_means = &means[part * shape.row()];
    const auto given = [&](size_t start, int channel) { return load(x + start + channel, channels - channel); };
    sum_pixels(shape, first, pixels, part_means, given);
    for (int channel = 0; channel < channels; channel++) part_means[channel] /= pixels;
    sum_pixels(shape, first, pixels, &squares[part * shape.row()], [&](size_t start, int channel) {
      const Vector deviation = given(start, channel) - load(part_means + channel, channels - channel);
      return deviation * deviation;
    });
  });
  std::vector<double> total(channels), square(channels);
  for (int part = 0; part < shape.parts(); part++)
    for (int channel = 0; channel < channels; channel++)
      total[channel] += static_cast<double>(means[part * shape.row() + channel]) * shape.pixels(part);
  for (int part = 0; part < shape.parts(); part++)
    for (int channel = 0; channel < channels; channel++) {
      const double difference = means[part * shape.row() + channel] - total[channel] / shape.count;
      square[channel] += squares[part * shape.row() + channel] + difference * difference * shape.pixels(part);
    }
  Scratch factors(channels);
  for (int channel = 0; channel < channels; channel++) {
    mean[channel] = static_cast<float>(total[channel] / shape.count);
    variance[channel] = static_cast<float>(square[channel] / shape.count);
    factors[channel] = static_cast<float>(scale[channel] / std::sqrt(static_cast<double>(variance[channel]) + epsilon));
  }
  fill_pixels(shape, y, [&](size_t start, int channel, int count) {
    const Vector deviation = load(x + start + channel, count) - load(mean + channel, count);
    return deviation * load(factors.data() + channel, count) + load(offset + channel, count);
  });
}

/** gradient [count, C] of y, and batch_norm's arguments and statistics; dx [count, C], dscale and doffset [C]. */
inline void batch_norm_gradient(const NormShape& shape, float epsilon, const float* gradient, const float* x, const float* scale,
                                const float* mean, const float* variance, float* dx, float* dscale, float* doffset) {
  const int channels = shape.channels;
  if (shape.is_empty()) {
    for (float* sums : {dscale, doffset}) std::fill_n(sums, channels, 0.0f);
    return;
  }
  const auto deviation = [&](size_t start, int channel) {
    return load(x + start + channel, channels - channel) - load(mean + channel, channels - channel);
  };
  const auto given = [&](size_t start, int channel) { return load(gradient + start + channel, channels - channel); };
  Scratch sums(shape.parts() * shape.row()), products(shape.parts() * shape.row());
  each_part(shape, [&](int part, int first, int pixels) {
    sum_pixels(shape, first, pixels, &sums[part * shape.row()], given);
    sum_pixels(shape, first, pixels, &products[part * shape.row()],
           [&](size_t start, int channel) { return given(start, channel) * deviation(start, channel); });
  });
  std::vector<double> sum(channels), product(channels);
  for (int part = 0; part < shape.parts(); part++)
    for (int channel = 0; channel < channels; channel++) {
      sum[channel] += sums[part * shape.row() + channel];
      product[channel] += products[part * shape.row() + channel];
    }
  // dx = factor · (gradient - mean gradient - slope · (x - mean))
  Scratch factors(channels), means(channels), slopes(channels);
  for (int channel = 0; channel < channels; channel++) {
    const double inverse = 1 / std::sqrt(static_cast<double>(variance[channel]) + epsilon);
    doffset[channel] = static_cast<float>(sum[channel]);
    dscale[channel] = static_cast<float>(product[channel] * inverse);
    factors[channel] = static_cast<float>(scale[channel] * inverse);
    means[channel] = static_cast<float>(sum[channel] / shape.count);
    slopes[channel] = static_cast<float>(product[channel] * inverse * inverse / shape.count);
  }
  fill_pixels(shape, dx, [&](size_t start, int channel, int count) {
    const Vector centred = given(start, channel) - load(means.data() + channel, count);
    const Vector result = centred - deviation(start, channel) * load(slopes.data() + channel, count);
    return result * load(factors.data() + channel, count);
  });
}

}  // namespace pipe
