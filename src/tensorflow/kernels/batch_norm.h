/*
 * Batch normalisation by the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1), of `count` pixels with C channels
 * each, and its gradient. Variances are added up from those of parts, by the means' differences (Chan, Golub and LeVeque 1979), so
 * x is read once for them, and in the same parts for every number of threads.
 */
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>
#include "scratch.h"
#include "threads.h"
#include "tile.h"

namespace pipe {

struct NormShape {
  int count, channels;

  /** Floats of a pixel. */
  size_t row() const { return channels; }
  /** Pixels of a part but the last one: it stays in a core's cache. */
  int part() const { return std::max(1, 8192 / channels); }
  int parts() const { return up(count, part()); }
  int pixels(int number) const { return std::min(part(), count - number * part()); }
};

/** Vectors of channels that are added up at a time, as many as keep an adder busy. */
constexpr int WIDTH = 4;

/** Calls `visit(first, pixels)` for each part, on all threads. */
template <class Visit>
inline void each_part(const NormShape& shape, const Visit& visit) {
  Threads::shared().each(shape.parts(), [&](int part) {
    visit(part, part * shape.part(), shape.pixels(part));
  });
}

/** Sums over some pixels: `sums[c] = Σ term(pixel, c)`, `term(place)` being of a vector of channels of all. */
template <class Term>
inline void add_up(const NormShape& shape, int first, int pixels, float* sums, const Term& term) {
  const int channels = shape.channels;
  for (int channel = 0; channel < channels; channel += WIDTH * LANES) {
    Vector totals[WIDTH] = {};
    const int vectors = std::min(WIDTH, up(channels - channel, LANES));
    for (int pixel = first; pixel < first + pixels; pixel++) {
      const size_t place = static_cast<size_t>(pixel) * channels;
      if (channel + WIDTH * LANES <= channels) {
#pragma GCC unroll 4
        for (int at = 0; at < WIDTH; at++) totals[at] += term(place, channel + at * LANES);
      } else {
        for (int at = 0; at < vectors; at++) totals[at] += term(place, channel + at * LANES);
      }
    }
    for (int at = 0; at < vectors; at++) store(sums + channel + at * LANES, totals[at], channels - channel - at * LANES);
  }
}

/** `result = value(place, channel, count)` for each vector of all, `count` being the channels that are left. */
template <class Value>
inline void fill_all(const NormShape& shape, float* result, const Value& value) {
  each_part(shape, [&](int, int first, int pixels) {
    for (size_t place = first * shape.row(); place < (first + pixels) * shape.row(); place += shape.row())
      for (int channel = 0; channel < shape.channels; channel += LANES) {
        const int count = shape.channels - channel;
        store(result + place + channel, value(place, channel, count), count);
      }
  });
}

/** x [count, C], scale and offset [C]; y like x; the mean and the (biased) variance [C]. */
inline void batch_norm(const NormShape& shape, float epsilon, const float* x, const float* scale, const float* offset, float* y,
                       float* mean, float* variance) {
  const int channels = shape.channels;
  Scratch means(shape.parts() * shape.row()), squares(shape.parts() * shape.row());
  each_part(shape, [&](int part, int first, int pixels) {
    float* own = &means[part * shape.row()];
    const auto given = [&](size_t place, int channel) { return load(x + place + channel, channels - channel); };
    add_up(shape, first, pixels, own, given);
    for (int channel = 0; channel < channels; channel++) own[channel] /= pixels;
    add_up(shape, first, pixels, &squares[part * shape.row()], [&](size_t place, int channel) {
      const Vector deviation = given(place, channel) - load(own + channel, channels - channel);
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
  fill_all(shape, y, [&](size_t place, int channel, int count) {
    const Vector deviation = load(x + place + channel, count) - load(mean + channel, count);
    return deviation * load(factors.data() + channel, count) + load(offset + channel, count);
  });
}

/** The gradient of y; answers those of x, of the scale and of the offset. */
inline void batch_norm_gradient(const NormShape& shape, float epsilon, const float* gradient, const float* x, const float* scale,
                                const float* mean, const float* variance, float* dx, float* dscale, float* doffset) {
  const int channels = shape.channels;
  const auto deviation = [&](size_t place, int channel) {
    return load(x + place + channel, channels - channel) - load(mean + channel, channels - channel);
  };
  const auto given = [&](size_t place, int channel) { return load(gradient + place + channel, channels - channel); };
  Scratch sums(shape.parts() * shape.row()), products(shape.parts() * shape.row());
  each_part(shape, [&](int part, int first, int pixels) {
    add_up(shape, first, pixels, &sums[part * shape.row()], given);
    add_up(shape, first, pixels, &products[part * shape.row()],
           [&](size_t place, int channel) { return given(place, channel) * deviation(place, channel); });
  });
  std::vector<double> sum(channels), product(channels);
  for (int part = 0; part < shape.parts(); part++)
    for (int channel = 0; channel < channels; channel++) {
      sum[channel] += sums[part * shape.row() + channel];
      product[channel] += products[part * shape.row() + channel];
    }
  // dx = factor (gradient - mean gradient - slope (x - mean))
  Scratch factors(channels), means(channels), slopes(channels);
  for (int channel = 0; channel < channels; channel++) {
    const double inverse = 1 / std::sqrt(static_cast<double>(variance[channel]) + epsilon);
    doffset[channel] = static_cast<float>(sum[channel]);
    dscale[channel] = static_cast<float>(product[channel] * inverse);
    factors[channel] = static_cast<float>(scale[channel] * inverse);
    means[channel] = static_cast<float>(sum[channel] / shape.count);
    slopes[channel] = static_cast<float>(product[channel] * inverse * inverse / shape.count);
  }
  fill_all(shape, dx, [&](size_t place, int channel, int count) {
    const Vector centred = given(place, channel) - load(means.data() + channel, count);
    const Vector result = centred - deviation(place, channel) * load(slopes.data() + channel, count);
    return result * load(factors.data() + channel, count);
  });
}

}  // namespace pipe
