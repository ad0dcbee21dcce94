/*
 * Winograd transforms for a 3×3 convolution of an upsampled image (upsampled.h). On one axis, with x upsampled ×2:
 *
 *     y[4t - 1] = s x[2t] + (a + b) (x[2t - 1] - x[2t])
 *     y[4t]     = s x[2t] +    a    (x[2t - 1] - x[2t])
 *     y[4t + 1] = s x[2t] +    c    (x[2t + 1] - x[2t])
 *     y[4t + 2] = s x[2t] + (b + c) (x[2t + 1] - x[2t])      taps a, b, c; s = a + b + c
 *
 * Five products of four differences of inputs with five sums of taps (the weights) make the four outputs of a tile t. The first
 * tile, t = 0, has no y[-1]. It computes the last output of the axis instead, y[4T - 1] = (a + b) x[2T - 1], T being the number of
 * tiles; its input before the centre is that x[2T - 1].
 */
#pragma once
#include "tile.h"

namespace pipe {

/** Numbers of a tile on one axis: inputs, their differences, weights, outputs; and taps of the kernel. */
constexpr int INPUTS = 3, DIFFERENCES = 4, WEIGHTS = 5, OUTPUTS = 4, AXIS_TAPS = 3;
/** Indices of the inputs x[2t], x[2t - 1] and x[2t + 1]. */
constexpr int CENTRE = 0, BEFORE = 1, AFTER = 2;
/** Indices of the difference and of the output y[4t - 1], which wrap around in the first tile. */
constexpr int WRAPPED = 2, LAST = 1;
/** The difference that each weight is multiplied by. Weight 0 is s; output k takes weight k + 1. */
constexpr int DIFFERENCE_OF[WEIGHTS] = {0, 1, 2, 3, 3};

/** Position of an input of a tile on an axis of `size` inputs; -1 outside. */
inline int input_position(int input, int tile, int tiles, int size) {
  const int position = input == CENTRE ? 2 * tile : input == AFTER ? 2 * tile + 1 : (tile == 0 ? 2 * tiles : 2 * tile) - 1;
  return position < size ? position : -1;
}

/** Position of an output of a tile on an axis of `size` outputs; -1 outside. */
inline int output_position(int output, int tile, int tiles, int size) {
  constexpr int OFFSETS[OUTPUTS] = {0, -1, 1, 2};
  const int position = output == LAST && tile == 0 ? 4 * tiles - 1 : 4 * tile + OFFSETS[output];
  return position < size ? position : -1;
}

/** True where the product with s is a term of the output. */
inline bool has_centre_term(int output, bool is_first) { return output != LAST || !is_first; }

/** Differences of inputs. */
inline void transform_inputs(const Vector* inputs, bool is_first, Vector* differences) {
  const Vector before = inputs[BEFORE] - inputs[CENTRE];
  differences[0] = inputs[CENTRE];
  differences[1] = is_first ? Vector{} - inputs[CENTRE] : before;
  differences[WRAPPED] = is_first ? inputs[BEFORE] : before;
  differences[3] = inputs[AFTER] - inputs[CENTRE];
}

/** Gradients of inputs from gradients of differences. */
inline void transform_inputs_gradient(const Vector* differences, bool is_first, Vector* inputs) {
  inputs[CENTRE] = differences[0] - differences[1] - differences[3] - (is_first ? Vector{} : differences[WRAPPED]);
  inputs[BEFORE] = (is_first ? Vector{} : differences[1]) + differences[WRAPPED];
  inputs[AFTER] = differences[3];
}

/** Outputs from products. */
inline void transform_outputs(const Vector* products, bool is_first, Vector* outputs) {
#pragma GCC unroll 4
  for (int output = 0; output < OUTPUTS; output++)
    outputs[output] = has_centre_term(output, is_first) ? products[output + 1] + products[0] : products[output + 1];
}

/** Gradients of products from gradients of outputs. */
inline void transform_outputs_gradient(const Vector* outputs, bool is_first, Vector* products) {
  products[0] = Vector{};
#pragma GCC unroll 4
  for (int output = 0; output < OUTPUTS; output++) {
    products[output + 1] = outputs[output];
    if (has_centre_term(output, is_first)) products[0] = products[0] + outputs[output];
  }
}

/** Weights from taps. */
inline void transform_kernel(const Vector* taps, bool, Vector* weights) {
  weights[1] = taps[0];
  weights[2] = taps[0] + taps[1];
  weights[3] = taps[2];
  weights[4] = taps[1] + taps[2];
  weights[0] = taps[0] + weights[4];
}

/** Gradients of taps from gradients of weights. */
inline void transform_kernel_gradient(const Vector* weights, bool, Vector* taps) {
  taps[0] = weights[0] + weights[1] + weights[2];
  taps[1] = weights[0] + weights[2] + weights[4];
  taps[2] = weights[0] + weights[3] + weights[4];
}

/** A transform of an axis; `is_first` for the axis' first tile. */
template <class Transform>
inline auto on_axis(const Transform& transform, bool is_first) {
  return [&transform, is_first](const Vector* from, Vector* to) { transform(from, is_first, to); };
}

}  // namespace pipe
