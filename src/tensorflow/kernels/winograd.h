/*
 * A convolution, padding `same`, and its gradients by minimal filtering (Winograd 1980; Lavin and Gray 2016), for kernels that have
 * two or three taps in each phase of their stride: 3×3 of stride 1, 3×3 to 6×6 of stride 2.
 *
 * A tile has 4×4 outputs. Each of its 6×6 (three taps) or 5×5 products (two) is a matrix product over many tiles, of transformed
 * inputs with transformed taps: 36 instead of 144 multiplications for a 3×3 kernel of stride 1, 100 instead of 256 for a 4×4
 * kernel of stride 2, whose four phases are summed before the outputs are transformed back.
 *
 * The gradient of x is, for each phase of x, a convolution of stride 1 of the outputs' gradient. The gradient of the kernel takes
 * the steps of the forward pass in reverse.
 */
#pragma once
#include <algorithm>
#include "im2col.h"
#include "pack.h"
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"
#include "winograd_tiles.h"

namespace pipe {

struct WinogradShape : Im2colShape {
  /** Taps of the phase that has most. */
  int phase_taps() const { return ceil_div(kernel, stride); }
  bool is_supported() const { return stride <= 2 && (phase_taps() == 2 || phase_taps() == 3); }
  /** Multiplications as a share of a direct convolution's. */
  double multiplications() const {
    const double products = phase_taps() + TILE_OUTPUTS - 1, tiled = products * products * stride * stride * forward_pass().tiles();
    return tiled / (static_cast<double>(pixels()) * taps());
  }

  /** The pass from x to the output. */
  WinogradPass forward_pass() const { return {batch, inputs, outputs, forward_axis(height), forward_axis(width)}; }
  /** The pass from the gradient of the output to that of a phase of x. */
  WinogradPass gradient_pass(int row_phase, int column_phase) const {
    return {batch, outputs, inputs, gradient_axis(height, row_phase), gradient_axis(width, column_phase)};
  }

 private:
  WinogradAxis forward_axis(int size) const {
    const int before = padding_before(size), out = ceil_div(size, stride);
    return {ceil_div(out, TILE_OUTPUTS), size, stride, out, 1, 0, stride, {-before, 1 - before}};
  }
  /** The gradient at `stride m + phase - before` is the sum of those of outputs m - a, times tap `stride a + phase`. */
  WinogradAxis gradient_axis(int size, int phase) const {
    const int before = padding_before(size), taps = ceil_div(kernel - phase, stride);
    const int first = ceil_div(std::max(before - phase, 0), stride), from = stride * first + phase - before;
    const int tiles = ceil_div(ceil_div(std::max(size - from, 0), stride), TILE_OUTPUTS);
    return {tiles, ceil_div(size, stride), 1, size, stride, from, 1, {first - taps + 1, 0}};
  }
};

/** Tiles of a unit of work, whose matrices fit into a core's second-level cache. */
constexpr int WINOGRAD_TILES = 4 * ROWS;
/** Floats of the matrices of which the gradient of a kernel is the sum of products. */
constexpr size_t WINOGRAD_SUM_FLOATS = 8 * 1024 * 1024;
/** Tiles over which the gradient of a kernel sums in registers. */
constexpr int WINOGRAD_SUM_TILES = 256;

/** Calls `work` with the filter of a shape's phases. */
template <class Work>
inline void with_filter(const WinogradShape& shape, const Work& work) {
  if (shape.phase_taps() == 3) work(ThreeTaps());
  else work(TwoTaps());
}

/**
 * Weights [panel][products²][depth][PANEL] of a pass. `pack_tap(phase, row, column, panel, packed)` packs a panel of a phase's tap,
 * [source_channels][PANEL].
 */
template <class Filter, class Pack>
inline void transform_weights(const WinogradPass& pass, float* weights, const Pack& pack_tap) {
  constexpr int SIZE = Filter::PRODUCTS, TAPS = Filter::TAPS;
  const size_t tap_size = matrix_size(pass.source_channels), size = matrix_size(pass.depth());
  ThreadPool::shared().parallel_for(ceil_div(pass.target_channels, PANEL) * pass.phases(), [&](int unit) {
    const int panel = unit / pass.phases(), phase = unit % pass.phases();
    Scratch taps(TAPS * TAPS * tap_size);
    for (int tap = 0; tap < TAPS * TAPS; tap++) pack_tap(phase, tap / TAPS, tap % TAPS, panel, &taps[tap * tap_size]);
    float* to = weights + panel * SIZE * SIZE * size + static_cast<size_t>(phase) * pass.source_channels * PANEL;
    for (int at = 0; at < pass.source_channels * PANEL; at += LANES)
      transform_2d<TAPS, SIZE>(
          Filter::transform_kernel, [&](int row, int column) { return load(&taps[(row * TAPS + column) * tap_size + at]); },
          [&](int row, int column, Vector vector) { store(to + (row * SIZE + column) * size + at, vector); });
  });
}

/** The outputs of a pass: source [B, …, source_channels], target [B, …, target_channels]. */
template <class Filter>
inline void run_pass(const WinogradPass& pass, const float* source, const float* weights, float* target) {
  constexpr int PRODUCTS = Filter::PRODUCTS * Filter::PRODUCTS;
  const int panels = ceil_div(pass.target_channels, PANEL), chunks = ceil_div(panels, CHUNK_PANELS), depth = pass.depth();
  const int tiles = pass.tiles(), ranges = ceil_div(tiles, WINOGRAD_TILES);
  const size_t matrix = matrix_size(depth);
  ThreadPool::shared().parallel_for(ranges * chunks, [&](int unit) {
    const int number = unit / chunks, first = static_cast<int>(static_cast<int64_t>(number) * tiles / ranges);
    const int end = static_cast<int>(static_cast<int64_t>(number + 1) * tiles / ranges);
    const WinogradRange range{pass, first, end - first};
    const int begin = unit % chunks * CHUNK_PANELS, count = std::min(CHUNK_PANELS, panels - begin);
    Scratch values(PRODUCTS * range.source_size()), products(count * PRODUCTS * range.panel_size());
    transform_sources<Filter>(range, 0, range.tiles, source, values.data());
    for (int product = 0; product < PRODUCTS; product++)
      for (int panel = 0; panel < count; panel++) {
        const Lhs lhs{&values[product * range.source_size()], range.source_stride(), 1, 1, depth, 0};
        matmul(lhs, range.tiles, weights + ((begin + panel) * PRODUCTS + product) * matrix,
               &products[(panel * PRODUCTS + product) * range.panel_size()], PANEL, false);
      }
    write_targets<Filter>(range, products.data(), begin * PANEL, std::min(count * PANEL, pass.target_channels - begin * PANEL), target);
  });
}

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, H/s, W/s, O], rounded up. */
inline void forward(const WinogradShape& shape, const float* x, const float* kernel, float* output) {
  with_filter(shape, [&](auto filter) {
    using Filter = decltype(filter);
    const WinogradPass pass = shape.forward_pass();
    Scratch weights(ceil_div(shape.outputs, PANEL) * Filter::PRODUCTS * Filter::PRODUCTS * matrix_size(pass.depth()));
    transform_weights<Filter>(pass, weights.data(), [&](int phase, int row, int column, int panel, float* packed) {
      const int y = row * shape.stride + phase / shape.stride, x = column * shape.stride + phase % shape.stride;
      if (y >= shape.kernel || x >= shape.kernel) std::fill_n(packed, static_cast<size_t>(shape.inputs) * PANEL, 0.0f);
      else pack(kernel + (static_cast<size_t>(y) * shape.kernel + x) * shape.inputs * shape.outputs, shape.inputs, shape.outputs, panel, packed);
    });
    run_pass<Filter>(pass, x, weights.data(), output);
  });
}

/** gradient [B, H/s, W/s, O] of the output, kernel [k, k, I, O]; result [B, H, W, I], the gradient of x. */
inline void input_gradient(const WinogradShape& shape, const float* gradient, const float* kernel, float* result) {
  with_filter(shape, [&](auto filter) {
    using Filter = decltype(filter);
    Scratch weights(ceil_div(shape.inputs, PANEL) * Filter::PRODUCTS * Filter::PRODUCTS * matrix_size(shape.outputs));
    for (int phase = 0; phase < shape.stride * shape.stride; phase++) {
      const int row_phase = phase / shape.stride, column_phase = phase % shape.stride;
      const WinogradPass pass = shape.gradient_pass(row_phase, column_phase);
      transform_weights<Filter>(pass, weights.data(), [&](int, int row, int column, int panel, float* packed) {
        // In reverse order.
        const int y = (ceil_div(shape.kernel - row_phase, shape.stride) - 1 - row) * shape.stride + row_phase;
        const int x = (ceil_div(shape.kernel - column_phase, shape.stride) - 1 - column) * shape.stride + column_phase;
        if (y < 0 || x < 0) std::fill_n(packed, static_cast<size_t>(shape.outputs) * PANEL, 0.0f);
        else pack_transposed(kernel + (static_cast<size_t>(y) * shape.kernel + x) * shape.inputs * shape.outputs, shape.inputs,
                          shape.outputs, panel, shape.outputs, packed);
      });
      run_pass<Filter>(pass, gradient, weights.data(), result);
    }
  });
}

/** x [B, H, W, I], gradient [B, H/s, W/s, O] of the output; result [k, k, I, O], the gradient of the kernel. */
inline void kernel_gradient(const WinogradShape& shape, const float* x, const float* gradient, float* result) {
  with_filter(shape, [&](auto filter) {
    using Filter = decltype(filter);
    constexpr int SIZE = Filter::PRODUCTS, PRODUCTS = SIZE * SIZE;
    const WinogradPass pass = shape.forward_pass();
    const int panels = ceil_div(shape.outputs, PANEL), chunks = ceil_div(panels, CHUNK_PANELS), depth = pass.depth();
    const size_t matrix = matrix_size(depth);
    // Rounds of tiles, of the same size for every number of threads, so that the result has the same bits.
    const size_t tile_floats = PRODUCTS * (static_cast<size_t>(WinogradRange{pass, 0, 0}.source_stride()) + panels * PANEL);
    const int most = std::max(static_cast<int>(WINOGRAD_SUM_FLOATS / tile_floats), WINOGRAD_TILES);
    const int round_tiles = std::min(ceil_div(pass.tiles(), ceil_div(pass.tiles(), most)), most);
    const WinogradRange largest{pass, 0, round_tiles};
    Scratch sums(panels * PRODUCTS * matrix), values(PRODUCTS * largest.source_size()), products(panels * PRODUCTS * largest.panel_size());
    for (int first = 0; first < pass.tiles(); first += round_tiles) {
      const WinogradRange round{pass, first, std::min(round_tiles, pass.tiles() - first)};
      const int ranges = ceil_div(round.tiles, WINOGRAD_TILES);
      ThreadPool::shared().parallel_for(2 * ranges, [&](int unit) {
        const int begin = unit / 2 * WINOGRAD_TILES, count = std::min(WINOGRAD_TILES, round.tiles - begin);
        if (unit % 2 == 0) transform_sources<Filter>(round, begin, count, x, values.data());
        else transform_target_gradients<Filter>(round, begin, count, gradient, products.data());
      });
      ThreadPool::shared().parallel_for(PRODUCTS * chunks, [&](int unit) {
        const int product = unit / chunks, begin = unit % chunks * CHUNK_PANELS;
        for (int tile = 0; tile < round.tiles; tile += WINOGRAD_SUM_TILES)
          for (int panel = begin; panel < std::min(begin + CHUNK_PANELS, panels); panel++) {
            const float* from = &values[product * round.source_size() + static_cast<size_t>(tile) * round.source_stride()];
            const Lhs transposed{from, 1, round.source_stride(), 1, std::min(WINOGRAD_SUM_TILES, round.tiles - tile), 0};
            const size_t number = static_cast<size_t>(panel) * PRODUCTS + product;
            matmul(transposed, depth, &products[number * round.panel_size() + static_cast<size_t>(tile) * PANEL], &sums[number * matrix],
                   PANEL, first > 0 || tile > 0);
          }
      });
    }
    ThreadPool::shared().parallel_for(depth, [&](int row) {
      const int phase = row / shape.inputs, input = row % shape.inputs;
      each_vector(shape.outputs, [&](int output, auto count) {
        const float* from = &sums[channel_offset(output, PRODUCTS * matrix) + static_cast<size_t>(row) * PANEL];
        transform_2d<SIZE, Filter::TAPS>(
            Filter::transform_kernel_gradient, [&](int product_row, int column) { return load(from + (product_row * SIZE + column) * matrix); },
            [&](int tap_row, int tap_column, Vector vector) {
              const int y = tap_row * shape.stride + phase / shape.stride, x = tap_column * shape.stride + phase % shape.stride;
              if (y >= shape.kernel || x >= shape.kernel) return;
              store(result + ((static_cast<size_t>(y) * shape.kernel + x) * shape.inputs + input) * shape.outputs + output, vector, count);
            });
      });
    });
  });
}

}  // namespace pipe
