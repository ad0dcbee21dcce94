/*
 * A Node addon that adds convolutions and normalisations to TensorFlow's operations, by TensorFlow's C interface:
 *
 *     PipeConv2D(x, kernel) -> y
 *     PipeFinishedConv2D(x, kernel, bias) -> y             with the `slope` of a leaky ReLU after it (1 for none)
 *     PipeFinishGrad(gradient, y) -> dx, dbias             of bias and leaky ReLU
 *     PipeConv2DInputGrad(gradient, kernel) -> dx          with x's `height` and `width`
 *     PipeConv2DKernelGrad(x, gradient) -> dkernel         with the kernel's `size`
 *
 * NHWC, padding `same`, with a `stride`; with `upsample` 2, of x's nearest upsampling ×2;
 *
 *     PipeBatchNorm(x, scale, offset) -> y, mean, variance
 *     PipeBatchNormGrad(gradient, x, scale, offset, mean, variance) -> dx, dscale, doffset
 *
 * with `epsilon`, scale and offset of all images or of each, and the `slope` of a leaky ReLU after it (1 for none);
 *
 *     PipeSpectralNorm(kernel, u) -> quotient, v, next, sigma
 *     PipeSpectralNormGrad(gradient, quotient, v, next, sigma) -> dkernel
 *
 * of the kernel as a matrix [other axes, last axis]. All tensors are float32 on the CPU; any axis may be empty. Compiled for one instruction set by `pipe setup`.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include "batch_norm.h"
#include "conv2d.h"
#include "execution.h"
#include "finish_gradient.h"
#include "spectral_norm.h"

namespace {

using pipe::ConvShape;
using pipe::Execution;
using pipe::NormShape;

void require_images(const Execution& run) { run.require(run.rank(0) == 4 && run.rank(1) == 4, "four dimensions are needed"); }

void require_fit(const Execution& run, const ConvShape& shape, bool fits) {
  run.require(fits, "the sizes of the tensors do not fit together");
  run.require(shape.kernel > 0, "a kernel of at least 1x1 is needed");
  run.require(shape.is_supported(), "an upsampling is supported before a 3x3 kernel of stride 1");
}

void finished_conv2d(Execution& run, const pipe::Finish& finish) {
  require_images(run);
  const ConvShape shape{run.size(0, 0), run.size(0, 1), run.size(0, 2),      run.size(0, 3),
                        run.size(1, 3), run.size(1, 0), run.settings.stride, run.settings.upsample};
  require_fit(run, shape, run.size(1, 1) == shape.kernel && run.size(1, 2) == shape.inputs);
  float* output = run.allocate(0, {shape.batch, shape.out_height(), shape.out_width(), shape.outputs});
  pipe::conv2d(shape, run.data(0), run.data(1), finish, output);
}

void conv2d(Execution& run) { finished_conv2d(run, {}); }

void biased_conv2d(Execution& run) {
  run.require(run.rank(2) == 1 && run.rank(1) == 4 && run.size(2, 0) == run.size(1, 3), "a bias for each output is needed");
  finished_conv2d(run, {run.data(2), run.settings.slope});
}

void conv2d_input_gradient(Execution& run) {
  require_images(run);
  const ConvShape shape{run.size(0, 0), run.settings.height, run.settings.width,  run.size(1, 2),
                        run.size(1, 3), run.size(1, 0),      run.settings.stride, run.settings.upsample};
  require_fit(run, shape, run.size(1, 1) == shape.kernel && run.size(0, 1) == shape.out_height() &&
                              run.size(0, 2) == shape.out_width() && run.size(0, 3) == shape.outputs);
  float* result = run.allocate(0, {shape.batch, shape.height, shape.width, shape.inputs});
  pipe::conv2d_input_gradient(shape, run.data(0), run.data(1), result);
}

void conv2d_kernel_gradient(Execution& run) {
  require_images(run);
  const ConvShape shape{run.size(0, 0), run.size(0, 1),    run.size(0, 2),      run.size(0, 3),
                        run.size(1, 3), run.settings.size, run.settings.stride, run.settings.upsample};
  require_fit(run, shape, run.size(1, 0) == shape.batch && run.size(1, 1) == shape.out_height() &&
                              run.size(1, 2) == shape.out_width());
  float* result = run.allocate(0, {shape.kernel, shape.kernel, shape.inputs, shape.outputs});
  pipe::conv2d_kernel_gradient(shape, run.data(0), run.data(1), result);
}

/**
 * The shape of input `index`, whose first axis is that of images and whose last that of channels. Inputs from `per_image` to
 * `vectors` have a value for each channel, or for each image and channel; from `vectors` to `end`, for each channel.
 */
NormShape norm_shape(const Execution& run, int index, int per_image, int vectors, int end) {
  run.require(run.rank(index) >= 2, "two dimensions are needed");
  const int channels = run.size(index, run.rank(index) - 1), batch = run.size(index, 0);
  const bool has_images = run.rank(per_image) == 2;
  NormShape shape{1, channels, has_images ? batch : 1};
  for (int axis = 0; axis < run.rank(index) - 1; axis++) shape.count *= run.size(index, axis);
  for (int input = per_image; input < end; input++) {
    const bool is_matrix = has_images && input < vectors;
    run.require(run.rank(input) == (is_matrix ? 2 : 1) && run.size(input, is_matrix ? 1 : 0) == channels,
                "a value for each channel is needed");
    run.require(!is_matrix || run.size(input, 0) == batch, "a value for each image is needed");
  }
  return shape;
}

void finish_gradient(Execution& run) {
  run.require(run.rank(0) >= 1 && run.sizes(0) == run.sizes(1), "the gradient has another shape");
  NormShape shape{1, run.size(0, run.rank(0) - 1), 1};
  for (int axis = 0; axis < run.rank(0) - 1; axis++) shape.count *= run.size(0, axis);
  float *dx = run.allocate(0, run.sizes(0)), *dbias = run.allocate(1, {shape.channels});
  pipe::finish_gradient(shape, run.settings.slope, run.data(0), run.data(1), dx, dbias);
}

pipe::NormSettings norm_settings(const Execution& run) { return {run.settings.epsilon, run.settings.slope}; }

void batch_norm(Execution& run) {
  const NormShape shape = norm_shape(run, 0, 1, 3, 3);
  float* y = run.allocate(0, run.sizes(0));
  float *mean = run.allocate(1, {shape.channels}), *variance = run.allocate(2, {shape.channels});
  pipe::batch_norm(shape, norm_settings(run), run.data(0), run.data(1), run.data(2), y, mean, variance);
}

void batch_norm_gradient(Execution& run) {
  const NormShape shape = norm_shape(run, 1, 2, 4, 6);
  run.require(run.sizes(0) == run.sizes(1), "the gradient has another shape");
  float *dx = run.allocate(0, run.sizes(1)), *dscale = run.allocate(1, run.sizes(2)), *doffset = run.allocate(2, run.sizes(2));
  pipe::batch_norm_gradient(shape, norm_settings(run), run.data(0), run.data(1), run.data(2), run.data(3), run.data(4), run.data(5),
                            {dx, dscale, doffset});
}

/** The shape of input `index` as a matrix [other axes, last axis]. */
pipe::SpectralShape matrix_shape(const Execution& run, int index, int vector) {
  run.require(run.rank(index) >= 1 && run.rank(vector) == 1, "a kernel and a vector are needed");
  const int last = run.rank(index) - 1;
  run.require(run.size(index, last) == run.size(vector, 0), "a value for each output is needed");
  pipe::SpectralShape shape{1, run.size(index, last)};
  for (int axis = 0; axis < last; axis++) shape.rows *= run.size(index, axis);
  return shape;
}

void spectral_norm(Execution& run) {
  const pipe::SpectralShape shape = matrix_shape(run, 0, 1);
  float *quotient = run.allocate(0, run.sizes(0)), *v = run.allocate(1, {shape.rows});
  float *next = run.allocate(2, {shape.columns}), *sigma = run.allocate(3, {});
  pipe::spectral_norm(shape, run.data(0), run.data(1), {quotient, v, next, sigma});
}

void spectral_norm_gradient(Execution& run) {
  const pipe::SpectralShape shape = matrix_shape(run, 0, 3);
  run.require(run.sizes(0) == run.sizes(1), "the gradient has another shape");
  run.require(run.rank(2) == 1 && run.size(2, 0) == shape.rows && run.rank(4) == 0, "results of PipeSpectralNorm are needed");
  float* result = run.allocate(0, run.sizes(0));
  pipe::spectral_norm_gradient(shape, run.data(0), run.data(1), run.data(2), run.data(3), *run.data(4), result);
}

void add_operations() {
  using pipe::add_operation;
  using pipe::compute;
  add_operation("PipeConv2D", {"x", "kernel"}, {"y"}, compute<conv2d, 2>);
  add_operation("PipeFinishedConv2D", {"x", "kernel", "bias"}, {"y"}, compute<biased_conv2d, 3>);
  add_operation("PipeFinishGrad", {"gradient", "y"}, {"dx", "dbias"}, compute<finish_gradient, 2>);
  add_operation("PipeConv2DInputGrad", {"gradient", "kernel"}, {"dx"}, compute<conv2d_input_gradient, 2>);
  add_operation("PipeConv2DKernelGrad", {"x", "gradient"}, {"dkernel"}, compute<conv2d_kernel_gradient, 2>);
  add_operation("PipeBatchNorm", {"x", "scale", "offset"}, {"y", "mean", "variance"}, compute<batch_norm, 3>);
  add_operation("PipeBatchNormGrad", {"gradient", "x", "scale", "offset", "mean", "variance"}, {"dx", "dscale", "doffset"},
                compute<batch_norm_gradient, 6>);
  add_operation("PipeSpectralNorm", {"kernel", "u"}, {"quotient", "v", "next", "sigma"}, compute<spectral_norm, 2>);
  add_operation("PipeSpectralNormGrad", {"gradient", "quotient", "v", "next", "sigma"}, {"dkernel"},
                compute<spectral_norm_gradient, 5>);
}

/** Adds the operations; returns the status. */
pipe::Status added() {
  pipe::Status status = pipe::new_status();
  pipe::capture(status, add_operations);
  return status;
}

}  // namespace

NAPI_MODULE_INIT() {
  // Once in a process: each of Node's worker threads loads the addon anew.
  static const pipe::Status status = added();
  if (TF_GetCode(status.get()) != TF_OK) napi_throw_error(env, nullptr, TF_Message(status.get()));
  return exports;
}
