/*
 * How the outputs of a convolution of an upsampled image come of a few products, on one axis (upsampled.h):
 *
 *     y[4t - 1] = s x[2t] + (a + b) (x[2t - 1] - x[2t])
 *     y[4t]     = s x[2t] +    a    (x[2t - 1] - x[2t])
 *     y[4t + 1] = s x[2t] +    c    (x[2t + 1] - x[2t])
 *     y[4t + 2] = s x[2t] + (b + c) (x[2t + 1] - x[2t])      taps a, b, c; s = a + b + c
 *
 * The first tile, t = 0, has no y[-1]. It makes the last output of all instead, y[4T - 1] = (a + b) x[2T - 1]; its input before the
 * centre is that x[2T - 1].
 */
#pragma once
#include "tile.h"

namespace pipe {

/** On an axis of a tile: inputs, the differences made of them, the weights of these, and the outputs. */
constexpr int INPUTS = 3, DIFFERENCES = 4, WEIGHTS = 5, OUTPUTS = 4, AXIS_TAPS = 3;
/** The inputs x[2t], x[2t - 1] and x[2t + 1]. */
constexpr int CENTRE = 0, BEFORE = 1, AFTER = 2;
/** The difference and the output that are others in the first tile: those of y[4t - 1]. */
constexpr int WRAPPED = 2, LAST = 1;
/** The difference that each weight is multiplied with. Weight 0 is s; output k has weight k + 1. */
constexpr int DIFFERENCE_OF[WEIGHTS] = {0, 1, 2, 3, 3};

/** Where the inputs of a tile are on an axis of `size`; -1 outside. */
inline int input_place(int input, int tile, int tiles, int size) {
  const int place = input == CENTRE ? 2 * tile : input == AFTER ? 2 * tile + 1 : (tile == 0 ? 2 * tiles : 2 * tile) - 1;
  return place < size ? place : -1;
}

/** Where the outputs of a tile are on an axis of `size`; -1 outside. */
inline int output_place(int output, int tile, int tiles, int size) {
  constexpr int OFFSETS[OUTPUTS] = {0, -1, 1, 2};
  const int place = output == LAST && tile == 0 ? 4 * tiles - 1 : 4 * tile + OFFSETS[output];
  return place < size ? place : -1;
}

/** Whether an output has the product with s. */
inline bool has_centre(int output, bool is_first) { return output != LAST || !is_first; }

/** Makes OUT × OUT vectors of IN × IN by a function of one axis, `make(given, is_first, made)`, of the columns and then of the rows. */
template <int IN, int OUT, class Make, class Take, class Put>
inline void on_both_axes(const Make& make, bool is_first_row, bool is_first_column, const Take& take, const Put& put) {
  Vector rows[OUT][IN];
#pragma GCC unroll 8
  for (int along = 0; along < IN; along++) {
    Vector given[IN], made[OUT];
#pragma GCC unroll 8
    for (int down = 0; down < IN; down++) given[down] = take(down, along);
    make(given, is_first_row, made);
#pragma GCC unroll 8
    for (int down = 0; down < OUT; down++) rows[down][along] = made[down];
  }
#pragma GCC unroll 8
  for (int down = 0; down < OUT; down++) {
    Vector made[OUT];
    make(rows[down], is_first_column, made);
#pragma GCC unroll 8
    for (int along = 0; along < OUT; along++) put(down, along, made[along]);
  }
}

inline void axis_differences(const Vector* inputs, bool is_first, Vector* differences) {
  const Vector before = inputs[BEFORE] - inputs[CENTRE];
  differences[0] = inputs[CENTRE];
  differences[1] = is_first ? Vector{} - inputs[CENTRE] : before;
  differences[WRAPPED] = is_first ? inputs[BEFORE] : before;
  differences[3] = inputs[AFTER] - inputs[CENTRE];
}

/** The gradients of inputs from those of differences. */
inline void axis_inputs(const Vector* differences, bool is_first, Vector* inputs) {
  inputs[CENTRE] = differences[0] - differences[1] - differences[3] - (is_first ? Vector{} : differences[WRAPPED]);
  inputs[BEFORE] = (is_first ? Vector{} : differences[1]) + differences[WRAPPED];
  inputs[AFTER] = differences[3];
}

inline void axis_outputs(const Vector* products, bool is_first, Vector* outputs) {
#pragma GCC unroll 4
  for (int output = 0; output < OUTPUTS; output++)
    outputs[output] = has_centre(output, is_first) ? products[output + 1] + products[0] : products[output + 1];
}

/** The gradients of products from those of outputs. */
inline void axis_products(const Vector* outputs, bool is_first, Vector* products) {
  products[0] = Vector{};
#pragma GCC unroll 4
  for (int output = 0; output < OUTPUTS; output++) {
    products[output + 1] = outputs[output];
    if (has_centre(output, is_first)) products[0] = products[0] + outputs[output];
  }
}

inline void axis_weights(const Vector* taps, bool, Vector* weights) {
  weights[1] = taps[0];
  weights[2] = taps[0] + taps[1];
  weights[3] = taps[2];
  weights[4] = taps[1] + taps[2];
  weights[0] = taps[0] + weights[4];
}

/** The gradients of taps from those of weights. */
inline void axis_taps(const Vector* weights, bool, Vector* taps) {
  taps[0] = weights[0] + weights[1] + weights[2];
  taps[1] = weights[0] + weights[2] + weights[4];
  taps[2] = weights[0] + weights[3] + weights[4];
}

}  // namespace pipe
