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
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"
#include "winograd_weights.h"

namespace pipe {

/** Tiles of a unit of work, whose matrices fit into a core's second-level cache. */
constexpr int WINOGRAD_TILES = 4 * ROWS;
/** Tiles up to which weights are made a few rows at a time, instead of first all of them, which are more than a cache holds. */
constexpr int WINOGRAD_FEW_TILES = 72;
/** Rows of weights of a unit of work, all products of which fit into a core's second-level cache. */
constexpr int WINOGRAD_ROWS = 4 * ROWS;
/** Tiles that are transformed at a time where that is all the work of a unit. */
constexpr int WINOGRAD_SLICE = 8;
/** Inputs and outputs of a block of the kernel's gradient, whose sums for all products fit into a core's second-level cache. */
constexpr int WINOGRAD_BLOCK = 64;
/** Units of work of the kernel's gradient where there are enough tiles. */
constexpr int WINOGRAD_UNITS = 16;

/** Calls `work` with the filter of a shape's phases. */
template <class Work>
inline void with_filter(const WinogradShape& shape, const Work& work) {
  if (shape.phase_taps() == 3) work(ThreeTaps());
  else work(TwoTaps());
}

/** A pass over few tiles: each unit has a panel of outputs and makes its weights when it needs them. */
template <class Filter, class Taps>
inline void run_small_pass(const WinogradPass& pass, const float* source, const Taps& taps, const Finish& finish, float* target) {
  constexpr int PRODUCTS = Filter::PRODUCTS * Filter::PRODUCTS;
  const WinogradRange range{pass, 0, pass.tiles()};
  Scratch values(PRODUCTS * range.source_size());
  ThreadPool::shared().parallel_for(ceil_div(range.tiles, WINOGRAD_SLICE), [&](int slice) {
    const int begin = slice * WINOGRAD_SLICE;
    transform_sources<Filter>(range, begin, std::min(WINOGRAD_SLICE, range.tiles - begin), source, values.data());
  });
  const int blocks = ceil_div(pass.source_channels, WINOGRAD_ROWS), rows = ceil_div(pass.source_channels, blocks);
  const size_t matrix = matrix_size(rows);
  ThreadPool::shared().parallel_for(ceil_div(pass.target_channels, PANEL), [&](int panel) {
    Scratch weights(PRODUCTS * matrix), products(PRODUCTS * range.panel_size());
    for (int phase = 0; phase < pass.phases(); phase++)
      for (int begin = 0; begin < pass.source_channels; begin += rows) {
        const int count = std::min(rows, pass.source_channels - begin);
        transform_weights<Filter>(taps, panel, phase, begin, count, weights.data(), matrix);
        for (int product = 0; product < PRODUCTS; product++) {
          const float* from = &values[product * range.source_size() + phase * pass.source_channels + begin];
          matmul(Lhs{from, range.source_stride(), 1, 1, count, 0}, range.tiles, &weights[product * matrix],
                 &products[product * range.panel_size()], PANEL, phase > 0 || begin > 0);
        }
      }
    write_targets<Filter>(range, products.data(), panel * PANEL, std::min(PANEL, pass.target_channels - panel * PANEL), finish, target);
  });
}

/** A pass over many tiles: each unit has a range of them and some panels of outputs. */
template <class Filter, class Taps>
inline void run_large_pass(const WinogradPass& pass, const float* source, const Taps& taps, const Finish& finish, float* target) {
  constexpr int PRODUCTS = Filter::PRODUCTS * Filter::PRODUCTS;
  const int panels = ceil_div(pass.target_channels, PANEL), chunks = ceil_div(panels, CHUNK_PANELS), depth = pass.depth();
  const size_t matrix = matrix_size(depth);
  Scratch weights(panels * PRODUCTS * matrix);
  ThreadPool::shared().parallel_for(panels * pass.phases(), [&](int unit) {
    const int panel = unit / pass.phases(), phase = unit % pass.phases();
    float* to = &weights[panel * PRODUCTS * matrix + static_cast<size_t>(phase) * pass.source_channels * PANEL];
    transform_weights<Filter>(taps, panel, phase, 0, pass.source_channels, to, matrix);
  });
  const int ranges = ceil_div(pass.tiles(), WINOGRAD_TILES);
  ThreadPool::shared().parallel_for(ranges * chunks, [&](int unit) {
    const int first = unit / chunks * WINOGRAD_TILES;
    const WinogradRange range{pass, first, std::min(WINOGRAD_TILES, pass.tiles() - first)};
    const int begin = unit % chunks * CHUNK_PANELS, count = std::min(CHUNK_PANELS, panels - begin);
    Scratch values(PRODUCTS * range.source_size()), products(count * PRODUCTS * range.panel_size());
    transform_sources<Filter>(range, 0, range.tiles, source, values.data());
    for (int product = 0; product < PRODUCTS; product++)
      for (int panel = 0; panel < count; panel++) {
        const Lhs lhs{&values[product * range.source_size()], range.source_stride(), 1, 1, depth, 0};
        matmul(lhs, range.tiles, &weights[((begin + panel) * PRODUCTS + product) * matrix],
               &products[(panel * PRODUCTS + product) * range.panel_size()], PANEL, false);
      }
    write_targets<Filter>(range, products.data(), begin * PANEL, std::min(count * PANEL, pass.target_channels - begin * PANEL), finish,
                          target);
  });
}

/** The outputs of a pass: source [B, …, source_channels], target [B, …, target_channels]. */
template <class Filter, class Taps>
inline void run_pass(const WinogradPass& pass, const float* source, const Taps& taps, const Finish& finish, float* target) {
  if (pass.tiles() <= WINOGRAD_FEW_TILES) run_small_pass<Filter>(pass, source, taps, finish, target);
  else run_large_pass<Filter>(pass, source, taps, finish, target);
}

/** x [B, H, W, I], kernel [k, k, I, O]; output [B, H/s, W/s, O], rounded up. */
inline void forward(const WinogradShape& shape, const float* x, const float* kernel, const Finish& finish, float* output) {
  with_filter(shape, [&](auto filter) {
    run_pass<decltype(filter)>(shape.forward_pass(), x, ForwardTaps{shape, kernel}, finish, output);
  });
}

/** gradient [B, H/s, W/s, O] of the output, kernel [k, k, I, O]; result [B, H, W, I], the gradient of x. */
inline void input_gradient(const WinogradShape& shape, const float* gradient, const float* kernel, float* result) {
  with_filter(shape, [&](auto filter) {
    for (int row = 0; row < shape.stride; row++)
      for (int column = 0; column < shape.stride; column++)
        run_pass<decltype(filter)>(shape.gradient_pass(row, column), gradient, GradientTaps{shape, kernel, row, column}, Finish{},
                                   result);
  });
}

/** Adds up the gradient of a block of the weights over tiles from `first` to `end`. */
template <class Filter>
inline void sum_block(const WinogradPass& pass, const WeightBlock& block, int first, int end, const float* x, const float* gradient,
                      float* sums) {
  constexpr int PRODUCTS = Filter::PRODUCTS * Filter::PRODUCTS;
  const int stride = (ceil_div(block.inputs.count, LANES) + 1) * LANES;
  const size_t value_size = static_cast<size_t>(WINOGRAD_TILES) * stride + LANES, matrix = matrix_size(block.inputs.count);
  Scratch values(PRODUCTS * value_size), products(block.panels() * PRODUCTS * matrix_size(WINOGRAD_TILES));
  const Zeros zeros(block.inputs.count);
  for (int tile = first; tile < end; tile += WINOGRAD_TILES) {
    const WinogradRange range{pass, tile, std::min(WINOGRAD_TILES, end - tile)};
    for (int number = 0; number < range.tiles; number++)
      transform_source<Filter>(pass, tile + number, block.inputs, x, zeros.data(), &values[static_cast<size_t>(number) * stride], value_size);
    transform_target_gradients<Filter>(range, block.first_output, block.outputs, gradient, products.data());
    for (int product = 0; product < PRODUCTS; product++)
      for (int panel = 0; panel < block.panels(); panel++) {
        const int number = panel * PRODUCTS + product;
        const Lhs transposed{&values[product * value_size], 1, stride, 1, range.tiles, 0};
        matmul(transposed, block.inputs.count, &products[number * range.panel_size()], sums + number * matrix, PANEL, tile > first);
      }
  }
}

/** x [B, H, W, I], gradient [B, H/s, W/s, O] of the output; result [k, k, I, O], the gradient of the kernel. */
template <class Filter>
inline void filtered_kernel_gradient(const WinogradShape& shape, const float* x, const float* gradient, float* result) {
  constexpr int PRODUCTS = Filter::PRODUCTS * Filter::PRODUCTS;
  const WinogradPass pass = shape.forward_pass();
  const int rows = ceil_div(shape.inputs, WINOGRAD_BLOCK), inputs = ceil_div(shape.inputs, rows);
  const int columns = ceil_div(shape.outputs, WINOGRAD_BLOCK), blocks = pass.phases() * rows * columns;
  const auto block_of = [&](int number) {
    const int input = number / columns % rows * inputs, output = number % columns * WINOGRAD_BLOCK;
    return WeightBlock{{number / columns / rows, input, std::min(inputs, shape.inputs - input)},
                       output, std::min(WINOGRAD_BLOCK, shape.outputs - output)};
  };
  // Sums of groups of tiles, as many for every number of threads, so that the result has the same bits.
  const int groups = std::clamp(std::min(WINOGRAD_UNITS / blocks, pass.tiles() / WINOGRAD_TILES), 1, WINOGRAD_UNITS);
  const size_t block_size = block_of(0).size(PRODUCTS);
  if (groups == 1) {
    ThreadPool::shared().parallel_for(blocks, [&](int number) {
      Scratch sums(block_size);
      sum_block<Filter>(pass, block_of(number), 0, pass.tiles(), x, gradient, sums.data());
      write_kernel_gradient<Filter>(shape, block_of(number), sums.data(), result);
    });
    return;
  }
  Scratch sums(groups * blocks * block_size);
  ThreadPool::shared().parallel_for(groups * blocks, [&](int unit) {
    const int64_t group = unit / blocks, tiles = pass.tiles();
    sum_block<Filter>(pass, block_of(unit % blocks), static_cast<int>(group * tiles / groups),
                      static_cast<int>((group + 1) * tiles / groups), x, gradient, &sums[unit * block_size]);
  });
  ThreadPool::shared().parallel_for(blocks, [&](int number) {
    const WeightBlock block = block_of(number);
    float* total = &sums[number * block_size];
    for (int group = 1; group < groups; group++)
      add(total, total + group * blocks * block_size, static_cast<int>(block.size(PRODUCTS)));
    write_kernel_gradient<Filter>(shape, block, total, result);
  });
}

inline void kernel_gradient(const WinogradShape& shape, const float* x, const float* gradient, float* result) {
  with_filter(shape, [&](auto filter) { filtered_kernel_gradient<decltype(filter)>(shape, x, gradient, result); });
}

}  // namespace pipe
