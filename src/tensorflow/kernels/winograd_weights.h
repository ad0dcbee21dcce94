/* Shapes of convolutions by minimal filtering (winograd.h), their passes, and transformed taps. */
#pragma once
#include <algorithm>
#include "im2col.h"
#include "pack.h"
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

/** A kernel [k, k, I, O] as the taps of the forward pass. */
struct ForwardTaps {
  const WinogradShape& shape;
  const float* kernel;

  /** Packs `count` source channels from `begin` on of a panel of a phase's tap. */
  void pack_tap(int phase, int row, int column, int panel, int begin, int count, float* packed) const {
    const int y = row * shape.stride + phase / shape.stride, x = column * shape.stride + phase % shape.stride;
    if (y >= shape.kernel || x >= shape.kernel) std::fill_n(packed, static_cast<size_t>(count) * PANEL, 0.0f);
    else pack(kernel + (static_cast<size_t>(y * shape.kernel + x) * shape.inputs + begin) * shape.outputs, count, shape.outputs, panel,
              packed);
  }
};

/** The same kernel as the taps of the pass to the gradient of a phase of x: in reverse order and transposed. */
struct GradientTaps {
  const WinogradShape& shape;
  const float* kernel;
  int row_phase, column_phase;

  void pack_tap(int, int row, int column, int panel, int begin, int count, float* packed) const {
    const int y = position(row, row_phase), x = position(column, column_phase);
    if (y < 0 || x < 0) std::fill_n(packed, static_cast<size_t>(count) * PANEL, 0.0f);
    else pack_transposed(kernel + static_cast<size_t>(y * shape.kernel + x) * shape.inputs * shape.outputs + begin, shape.outputs,
                         shape.inputs, count, panel, count, packed);
  }
  /** Position of a tap on an axis of the kernel; negative outside. */
  int position(int tap, int phase) const { return (ceil_div(shape.kernel - phase, shape.stride) - 1 - tap) * shape.stride + phase; }
};

/** Weights of `count` source channels of a phase from `begin` on, for a panel of target channels: [count][PANEL] for each product. */
template <class Filter, class Taps>
inline void transform_weights(const Taps& taps, int panel, int phase, int begin, int count, float* weights, size_t product_size) {
  constexpr int SIZE = Filter::PRODUCTS, TAPS = Filter::TAPS;
  const size_t tap_size = matrix_size(count);
  Scratch packed(TAPS * TAPS * tap_size);
  for (int tap = 0; tap < TAPS * TAPS; tap++) taps.pack_tap(phase, tap / TAPS, tap % TAPS, panel, begin, count, &packed[tap * tap_size]);
  for (int at = 0; at < count * PANEL; at += LANES)
    transform_2d<TAPS, SIZE>(
        Filter::transform_kernel, [&](int row, int column) { return load(&packed[(row * TAPS + column) * tap_size + at]); },
        [&](int row, int column, Vector vector) { store(weights + (row * SIZE + column) * product_size + at, vector); });
}

/** A block of the gradient of the weights. */
struct WeightBlock {
  SourcePart inputs;
  int first_output, outputs;

  int panels() const { return ceil_div(outputs, PANEL); }
  /** Floats of the gradients for all products, [panel][products][inputs][PANEL]. */
  size_t size(int products) const { return panels() * products * matrix_size(inputs.count); }
};

/** Writes the gradient of the kernel, [k, k, I, O], that follows from that of a block of weights. */
template <class Filter>
inline void write_kernel_gradient(const WinogradShape& shape, const WeightBlock& block, const float* weights, float* result) {
  constexpr int SIZE = Filter::PRODUCTS;
  const size_t matrix = matrix_size(block.inputs.count);
  for (int at = 0; at < block.inputs.count; at++)
    each_vector(block.outputs, [&](int output, auto left) {
      const float* from = weights + channel_offset(output, SIZE * SIZE * matrix) + static_cast<size_t>(at) * PANEL;
      transform_2d<SIZE, Filter::TAPS>(
          Filter::transform_kernel_gradient, [&](int row, int column) { return load(from + (row * SIZE + column) * matrix); },
          [&](int row, int column, Vector vector) {
            const int y = row * shape.stride + block.inputs.phase / shape.stride;
            const int x = column * shape.stride + block.inputs.phase % shape.stride;
            if (y >= shape.kernel || x >= shape.kernel) return;
            const size_t tap = static_cast<size_t>(y * shape.kernel + x) * shape.inputs + block.inputs.begin + at;
            store(result + tap * shape.outputs + block.first_output + output, vector, left);
          });
    });
}

}  // namespace pipe
