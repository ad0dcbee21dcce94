/*
 * Batch normalisation by the batch's own statistics (Ioffe and Szegedy 2015, algorithm 1), of `count` pixels with C channels
 * each, with a leaky ReLU after it, and its gradient. Scale and offset are those of all images, or of each image (de Vries et al.
 * 2017). The variance is combined from those of parts and the differences of their means (Chan, Golub and LeVeque 1979), so x is
 * read from memory once. The parts are the same for every number of threads.
 */
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>
#include "finish.h"
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"

namespace pipe {

struct NormShape {
  int count, channels;
  /** Images with a scale and an offset of their own, or 1; of equally many pixels. */
  int images;

  bool is_empty() const { return count == 0 || channels == 0; }
  /** Floats of a pixel. */
  size_t row() const { return channels; }
  int image_pixels() const { return count / images; }
  /** Pixels of each part but an image's last one, which fit into a core's cache. */
  int part_pixels() const { return std::max(1, 8192 / channels); }
  int image_parts() const { return ceil_div(image_pixels(), part_pixels()); }
  int parts() const { return images * image_parts(); }
  int image(int part) const { return part / image_parts(); }
  int first_pixel(int part) const { return image(part) * image_pixels() + part % image_parts() * part_pixels(); }
  int pixels(int part) const { return std::min(part_pixels(), image_pixels() - part % image_parts() * part_pixels()); }
};

/** Constants of a normalisation. `slope` is that of the leaky ReLU where its input is negative: 0 for ReLU, 1 for none. */
struct NormSettings {
  float epsilon, slope;
};

/** Vectors of channels that are summed side by side, as many as keep the adders busy. */
constexpr int SUM_VECTORS = 4;

/** Calls `visit(part, first, pixels)` for each part, on all threads. */
template <class Visit>
inline void each_part(const NormShape& shape, const Visit& visit) {
  ThreadPool::shared().parallel_for(shape.parts(), [&](int part) { visit(part, shape.first_pixel(part), shape.pixels(part)); });
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

/** `result = value(image, start, channel, count)` for each vector of channels; `count` channels of the pixel are left. */
template <class Value>
inline void fill_pixels(const NormShape& shape, float* result, const Value& value) {
  each_part(shape, [&](int part, int first, int pixels) {
    const int image = shape.image(part);
    for (size_t start = first * shape.row(); start < (first + pixels) * shape.row(); start += shape.row())
      for (int channel = 0; channel < shape.channels; channel += LANES) {
        const int count = shape.channels - channel;
        store(result + start + channel, value(image, start, channel, count), count);
      }
  });
}

/** The part of a normalisation that x's statistics determine: x to scale · inverse · (x - mean) + offset. */
struct Normalization {
  const NormShape& shape;
  const float *x, *mean, *offset;
  /** scale · inverse, [images, C]. */
  Scratch factors;

  Normalization(const NormShape& norm, float epsilon, const float* given, const float* means, const float* variance,
                const float* scale, const float* offsets)
      : shape(norm), x(given), mean(means), offset(offsets), factors(norm.images * norm.row()) {
    for (int image = 0; image < norm.images; image++)
      for (int channel = 0; channel < norm.channels; channel++) {
        const size_t at = image * norm.row() + channel;
        factors[at] = static_cast<float>(scale[at] / std::sqrt(static_cast<double>(variance[channel]) + epsilon));
      }
  }

  Vector deviation(size_t start, int channel, int count) const {
    return load(x + start + channel, count) - load(mean + channel, count);
  }
  Vector value(int image, size_t start, int channel, int count) const {
    const size_t at = image * shape.row() + channel;
    return deviation(start, channel, count) * load(factors.data() + at, count) + load(offset + at, count);
  }
};

/**
 * x [count, C], scale and offset [images, C]; y [count, C], mean and (biased) variance [C], which are NaN without pixels.
 */
inline void batch_norm(const NormShape& shape, const NormSettings& settings, const float* x, const float* scale,
                       const float* offset, float* y, float* mean, float* variance) {
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
  for (int channel = 0; channel < channels; channel++) {
    mean[channel] = static_cast<float>(total[channel] / shape.count);
    variance[channel] = static_cast<float>(square[channel] / shape.count);
  }
  const Normalization normalization(shape, settings.epsilon, x, mean, variance, scale, offset);
  if (settings.slope == 1) {
    fill_pixels(shape, y, [&](int image, size_t start, int channel, int count) {
      return normalization.value(image, start, channel, count);
    });
  } else {
    fill_pixels(shape, y, [&](int image, size_t start, int channel, int count) {
      const Vector value = normalization.value(image, start, channel, count);
      return scale_negative(value, value, settings.slope);
    });
  }
}

/** Gradients of batch_norm: dx [count, C], dscale and doffset [images, C]. */
struct NormGradients {
  float *dx, *dscale, *doffset;
};

/** `given(image, start, channel, count)` is the gradient before the leaky ReLU. */
template <class Given>
inline void normalization_gradient(const Normalization& normalization, const NormSettings& settings, const float* variance,
                                   const float* scale, const NormGradients& result, const Given& given) {
  const NormShape& shape = normalization.shape;
  const int channels = shape.channels;
  Scratch sums(shape.parts() * shape.row()), products(shape.parts() * shape.row());
  each_part(shape, [&](int part, int first, int pixels) {
    const int image = shape.image(part);
    sum_pixels(shape, first, pixels, &sums[part * shape.row()],
               [&](size_t start, int channel) { return given(image, start, channel, channels - channel); });
    sum_pixels(shape, first, pixels, &products[part * shape.row()], [&](size_t start, int channel) {
      return given(image, start, channel, channels - channel) * normalization.deviation(start, channel, channels - channel);
    });
  });
  // dx = factor · gradient - mean - slope · (x - mean of x)
  Scratch means(channels), slopes(channels);
  for (int channel = 0; channel < channels; channel++) {
    const double inverse = 1 / std::sqrt(static_cast<double>(variance[channel]) + settings.epsilon);
    double total = 0, slope = 0;
    for (int image = 0; image < shape.images; image++) {
      double sum = 0, product = 0;
      for (int part = image * shape.image_parts(); part < (image + 1) * shape.image_parts(); part++) {
        sum += sums[part * shape.row() + channel];
        product += products[part * shape.row() + channel];
      }
      const size_t at = image * shape.row() + channel;
      result.doffset[at] = static_cast<float>(sum);
      result.dscale[at] = static_cast<float>(product * inverse);
      total += sum * scale[at];
      slope += product * scale[at];
    }
    means[channel] = static_cast<float>(total * inverse / shape.count);
    slopes[channel] = static_cast<float>(slope * inverse * inverse * inverse / shape.count);
  }
  fill_pixels(shape, result.dx, [&](int image, size_t start, int channel, int count) {
    const Vector factor = load(normalization.factors.data() + image * shape.row() + channel, count);
    const Vector centred = given(image, start, channel, count) * factor - load(means.data() + channel, count);
    return centred - normalization.deviation(start, channel, count) * load(slopes.data() + channel, count);
  });
}

/** gradient [count, C] of y, and batch_norm's arguments and statistics. */
inline void batch_norm_gradient(const NormShape& shape, const NormSettings& settings, const float* gradient, const float* x,
                                const float* scale, const float* offset, const float* mean, const float* variance,
                                const NormGradients& result) {
  if (shape.is_empty()) {
    for (float* sums : {result.dscale, result.doffset}) std::fill_n(sums, shape.images * shape.row(), 0.0f);
    return;
  }
  const Normalization normalization(shape, settings.epsilon, x, mean, variance, scale, offset);
  const auto given = [&](int, size_t start, int channel, int count) { return load(gradient + start + channel, count); };
  const auto through_relu = [&](int image, size_t start, int channel, int count) {
    const Vector value = normalization.value(image, start, channel, count);
    return scale_negative(value, load(gradient + start + channel, count), settings.slope);
  };
  if (settings.slope == 1) normalization_gradient(normalization, settings, variance, scale, result, given);
  else normalization_gradient(normalization, settings, variance, scale, result, through_relu);
}

}  // namespace pipe
