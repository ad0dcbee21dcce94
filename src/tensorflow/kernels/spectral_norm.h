/*
 * Spectral normalisation of a kernel W, a matrix [rows, columns], by one power iteration (Miyato et al. 2018, algorithm 1), and its
 * gradient. Each reads W twice and needs no transposed copy. The parts are the same for every number of threads.
 */
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"

namespace pipe {

/** Below this a norm counts as zero. */
constexpr double SMALLEST_NORM = 1e-12;

struct SpectralShape {
  int rows, columns;

  /** Rows of each part but the last one, which fit into a core's first-level cache. */
  int part_rows() const { return std::max(1, 8192 / std::max(1, columns)); }
  int parts() const { return ceil_div(rows, part_rows()); }

  /** Calls `visit(part, first, end)` with the rows of each part, on all threads. */
  template <class Visit>
  void each_part(const Visit& visit) const {
    ThreadPool::shared().parallel_for(
        parts(), [&](int part) { visit(part, part * part_rows(), std::min(rows, (part + 1) * part_rows())); });
  }
  const float* row(const float* matrix, int index) const { return matrix + static_cast<size_t>(index) * columns; }
  float* row(float* matrix, int index) const { return matrix + static_cast<size_t>(index) * columns; }
};

/** The sum of the products of two rows. */
inline float dot(const float* one, const float* other, int count) {
  Vector sums = {};
  for (int at = 0; at < count; at += LANES) sums += load(one + at, count - at) * load(other + at, count - at);
  float lanes[LANES];
  store(lanes, sums);
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int lane = 0; lane < width; lane++) lanes[lane] += lanes[lane + width];
  return lanes[0];
}

inline double norm(const float* values, int count) {
  double sum = 0;
  for (int at = 0; at < count; at++) sum += static_cast<double>(values[at]) * values[at];
  return std::max(std::sqrt(sum), SMALLEST_NORM);
}

inline void divide(float* values, int count, double divisor) {
  for (int at = 0; at < count; at++) values[at] = static_cast<float>(values[at] / divisor);
}

/** Results of a power iteration: W / σ, the unit vectors v [rows] and u [columns], and σ. */
struct SpectralNorm {
  float *quotient, *v, *u, *sigma;
};

/** v = W u / |W u|, then σ = |Wᵀ v| and the next u = Wᵀ v / σ. */
inline void spectral_norm(const SpectralShape& shape, const float* matrix, const float* u, const SpectralNorm& result) {
  const int columns = shape.columns;
  Scratch sums(static_cast<size_t>(shape.parts()) * columns);
  shape.each_part([&](int part, int first, int end) {
    // The row is read for W u, and is still at hand for its share in Wᵀ W u.
    float* total = shape.row(sums.data(), part);
    std::fill_n(total, columns, 0.0f);
    for (int row = first; row < end; row++) {
      const float* values = shape.row(matrix, row);
      const float product = dot(values, u, columns);
      result.v[row] = product;
      for (int at = 0; at < columns; at += LANES)
        store(total + at, load(total + at, columns - at) + product * load(values + at, columns - at), columns - at);
    }
  });
  std::fill_n(result.u, columns, 0.0f);
  for (int part = 0; part < shape.parts(); part++) add(result.u, shape.row(sums.data(), part), columns);
  const double length = norm(result.v, shape.rows);
  divide(result.v, shape.rows, length);
  divide(result.u, columns, length);
  const double sigma = norm(result.u, columns);
  divide(result.u, columns, sigma);
  *result.sigma = static_cast<float>(sigma);
  const float factor = static_cast<float>(1 / sigma);
  shape.each_part([&](int, int first, int end) {
    const float* from = shape.row(matrix, first);
    float* to = shape.row(result.quotient, first);
    const int count = (end - first) * columns;
    for (int at = 0; at < count; at += LANES) store(to + at, factor * load(from + at, count - at), count - at);
  });
}

/**
 * The gradient of W from a gradient G of W / σ: with constant v and u, dσ/dW = v uᵀ, so it is (G - ⟨G, W / σ⟩ v uᵀ) / σ.
 */
inline void spectral_norm_gradient(const SpectralShape& shape, const float* gradient, const float* quotient, const float* v,
                                   const float* u, float sigma, float* result) {
  const int columns = shape.columns;
  std::vector<double> products(shape.parts());
  shape.each_part([&](int part, int first, int end) {
    products[part] = dot(shape.row(gradient, first), shape.row(quotient, first), (end - first) * columns);
  });
  double product = 0;
  for (const double each : products) product += each;
  const float factor = 1 / sigma;
  shape.each_part([&](int, int first, int end) {
    for (int row = first; row < end; row++) {
      const float* from = shape.row(gradient, row);
      float* to = shape.row(result, row);
      const float share = static_cast<float>(product * v[row]);
      for (int at = 0; at < columns; at += LANES) {
        const int count = columns - at;
        store(to + at, (load(from + at, count) - share * load(u + at, count)) * factor, count);
      }
    }
  });
}

}  // namespace pipe
