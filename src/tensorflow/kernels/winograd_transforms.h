/*
 * Winograd transforms of one axis: minimal filtering F(4, r), four outputs of a filter with r taps from 3 + r products
 * (Winograd 1980; Lavin and Gray 2016). In the notation of the latter: `transform_inputs` is Bᵀ, `transform_kernel` G,
 * `transform_outputs` Aᵀ, and gradients take the transposed matrices. A product is that of two polynomials at a point. The points are
 * ±p, ±q, infinity and, for an even number of products, also 0. Their size determines how much is lost by rounding: errors with
 * these are half of those with the usual ±1 and ±2, and all powers are exact.
 */
#pragma once
#include "tile.h"

namespace pipe {

/** Outputs of a tile on one axis. */
constexpr int TILE_OUTPUTS = 4;

/** `even + odd` and `even - odd`, values at the points p and -p. */
inline void at_both(Vector even, Vector odd, Vector* values) {
  values[0] = even + odd;
  values[1] = even - odd;
}

/** Outputs from products at ±p and ±q, without those at other points. */
template <class Points>
inline void outputs_at_points(const Vector* at_p, const Vector* at_q, Vector* outputs) {
  constexpr float p = Points::p, q = Points::q;
  const Vector even_p = at_p[0] + at_p[1], odd_p = at_p[0] - at_p[1], even_q = at_q[0] + at_q[1], odd_q = at_q[0] - at_q[1];
  outputs[0] = even_p + even_q;
  outputs[1] = p * odd_p + q * odd_q;
  outputs[2] = p * p * even_p + q * q * even_q;
  outputs[3] = p * p * p * odd_p + q * q * q * odd_q;
}

/** Gradients of products at ±p and ±q from gradients of outputs. */
template <class Points>
inline void outputs_gradient_at_points(const Vector* outputs, Vector* at_p, Vector* at_q) {
  constexpr float p = Points::p, q = Points::q;
  at_both(outputs[0] + p * p * outputs[2], p * outputs[1] + p * p * p * outputs[3], at_p);
  at_both(outputs[0] + q * q * outputs[2], q * outputs[1] + q * q * q * outputs[3], at_q);
}

/** F(4, 3): products at 0, ±p, ±q and infinity. */
struct ThreeTaps {
  static constexpr int TAPS = 3, PRODUCTS = 6;
  static constexpr float p = 0.625f, q = 1.5f, pp = p * p, qq = q * q;
  /** Reciprocals of the products of a point's differences to the other points. */
  static constexpr float AT_ZERO = 1 / (pp * qq), AT_P = 1 / (2 * pp * (pp - qq)), AT_Q = 1 / (2 * qq * (qq - pp));

  static void transform_inputs(const Vector* inputs, Vector* values) {
    values[0] = inputs[4] - (pp + qq) * inputs[2] + pp * qq * inputs[0];
    at_both(inputs[4] - qq * inputs[2], p * (inputs[3] - qq * inputs[1]), values + 1);
    at_both(inputs[4] - pp * inputs[2], q * (inputs[3] - pp * inputs[1]), values + 3);
    values[5] = inputs[5] - (pp + qq) * inputs[3] + pp * qq * inputs[1];
  }

  static void transform_kernel(const Vector* taps, Vector* weights) {
    weights[0] = AT_ZERO * taps[0];
    at_both(AT_P * (taps[0] + pp * taps[2]), AT_P * p * taps[1], weights + 1);
    at_both(AT_Q * (taps[0] + qq * taps[2]), AT_Q * q * taps[1], weights + 3);
    weights[5] = taps[2];
  }

  static void transform_kernel_gradient(const Vector* weights, Vector* taps) {
    const Vector even_p = AT_P * (weights[1] + weights[2]), even_q = AT_Q * (weights[3] + weights[4]);
    taps[0] = AT_ZERO * weights[0] + even_p + even_q;
    taps[1] = AT_P * p * (weights[1] - weights[2]) + AT_Q * q * (weights[3] - weights[4]);
    taps[2] = pp * even_p + qq * even_q + weights[5];
  }

  static void transform_outputs(const Vector* products, Vector* outputs) {
    outputs_at_points<ThreeTaps>(products + 1, products + 3, outputs);
    outputs[0] += products[0];
    outputs[3] += products[5];
  }

  static void transform_outputs_gradient(const Vector* outputs, Vector* products) {
    products[0] = outputs[0];
    outputs_gradient_at_points<ThreeTaps>(outputs, products + 1, products + 3);
    products[5] = outputs[3];
  }
};

/** F(4, 2): products at ±p, ±q and infinity. */
struct TwoTaps {
  static constexpr int TAPS = 2, PRODUCTS = 5;
  static constexpr float p = 0.5f, q = 1.25f, pp = p * p, qq = q * q;
  static constexpr float AT_P = 1 / (2 * p * (pp - qq)), AT_Q = 1 / (2 * q * (qq - pp));

  static void transform_inputs(const Vector* inputs, Vector* values) {
    at_both(inputs[3] - qq * inputs[1], p * (inputs[2] - qq * inputs[0]), values);
    at_both(inputs[3] - pp * inputs[1], q * (inputs[2] - pp * inputs[0]), values + 2);
    values[4] = inputs[4] - (pp + qq) * inputs[2] + pp * qq * inputs[0];
  }

  static void transform_kernel(const Vector* taps, Vector* weights) {
    at_both(AT_P * p * taps[1], AT_P * taps[0], weights);
    at_both(AT_Q * q * taps[1], AT_Q * taps[0], weights + 2);
    weights[4] = taps[1];
  }

  static void transform_kernel_gradient(const Vector* weights, Vector* taps) {
    taps[0] = AT_P * (weights[0] - weights[1]) + AT_Q * (weights[2] - weights[3]);
    taps[1] = AT_P * p * (weights[0] + weights[1]) + AT_Q * q * (weights[2] + weights[3]) + weights[4];
  }

  static void transform_outputs(const Vector* products, Vector* outputs) {
    outputs_at_points<TwoTaps>(products, products + 2, outputs);
    outputs[3] += products[4];
  }

  static void transform_outputs_gradient(const Vector* outputs, Vector* products) {
    outputs_gradient_at_points<TwoTaps>(outputs, products, products + 2);
    products[4] = outputs[3];
  }
};

}  // namespace pipe
