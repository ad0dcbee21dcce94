/*
 * A Node addon that adds our convolution and batch normalisation to TensorFlow's operations, by TensorFlow's C interface:
 *
 *     PipeConv2D(x, kernel) -> y
 *     PipeConv2DInputGrad(gradient, kernel) -> dx          with x's `height` and `width`
 *     PipeConv2DKernelGrad(x, gradient) -> dkernel         with the kernel's `size`
 *
 * NHWC, padding `same`, with a `stride`, and with `upsample` 2 of x's nearest upsampling;
 *
 *     PipeBatchNorm(x, scale, offset) -> y, mean, variance
 *     PipeBatchNormGrad(gradient, x, scale, mean, variance) -> dx, dscale, doffset
 *
 * with `epsilon`. All of floats on the CPU, compiled for one instruction set by `pipe setup`.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <string>
#include "batch_norm.h"
#include "conv2d.h"
#include "execution.h"

namespace {

using pipe::ConvShape;
using pipe::Execution;
using pipe::NormShape;

bool has_images(Execution& run) { return !run.fails(run.rank(0) != 4 || run.rank(1) != 4, "four dimensions are needed"); }

/** Tells what does not fit. */
bool is_wrong(Execution& run, const ConvShape& shape, bool fits) {
  return run.fails(!fits, "the sizes of the tensors do not fit together") ||
         run.fails(!shape.is_offered(), "an upsampling is offered before a 3x3 kernel of stride 1");
}

void conv2d(void* settings, TF_OpKernelContext* context) {
  Execution run(settings, context, 2);
  if (run.has_failed() || !has_images(run)) return;
  const auto& [stride, upsample, height, width, size, epsilon] = run.settings;
  const ConvShape shape{run.size(0, 0), run.size(0, 1), run.size(0, 2), run.size(0, 3), run.size(1, 3), run.size(1, 0), stride, upsample};
  if (is_wrong(run, shape, run.size(1, 1) == shape.kernel && run.size(1, 2) == shape.inputs)) return;
  float* output = run.allocate(0, {shape.batch, shape.out_height(), shape.out_width(), shape.outputs});
  if (output != nullptr) pipe::conv2d(shape, run.data(0), run.data(1), output);
}

void conv2d_input_gradient(void* settings, TF_OpKernelContext* context) {
  Execution run(settings, context, 2);
  if (run.has_failed() || !has_images(run)) return;
  const auto& [stride, upsample, height, width, size, epsilon] = run.settings;
  const ConvShape shape{run.size(0, 0), height, width, run.size(1, 2), run.size(1, 3), run.size(1, 0), stride, upsample};
  const bool fits = run.size(1, 1) == shape.kernel && run.size(0, 1) == shape.out_height() &&
                    run.size(0, 2) == shape.out_width() && run.size(0, 3) == shape.outputs;
  if (is_wrong(run, shape, fits)) return;
  float* result = run.allocate(0, {shape.batch, shape.height, shape.width, shape.inputs});
  if (result != nullptr) pipe::conv2d_input_gradient(shape, run.data(0), run.data(1), result);
}

void conv2d_kernel_gradient(void* settings, TF_OpKernelContext* context) {
  Execution run(settings, context, 2);
  if (run.has_failed() || !has_images(run)) return;
  const auto& [stride, upsample, height, width, size, epsilon] = run.settings;
  const ConvShape shape{run.size(0, 0), run.size(0, 1), run.size(0, 2), run.size(0, 3), run.size(1, 3), size, stride, upsample};
  const bool fits = run.size(1, 0) == shape.batch && run.size(1, 1) == shape.out_height() && run.size(1, 2) == shape.out_width();
  if (is_wrong(run, shape, fits)) return;
  float* result = run.allocate(0, {size, size, shape.inputs, shape.outputs});
  if (result != nullptr) pipe::conv2d_kernel_gradient(shape, run.data(0), run.data(1), result);
}

/** The shape of input `index`, whose last axis has the channels; it is told when the vectors from `first` on are not as long. */
NormShape norm_shape(Execution& run, int index, int first, int end) {
  NormShape shape{1, 0};
  if (run.fails(run.rank(index) < 2, "two dimensions are needed")) return shape;
  shape.channels = run.size(index, run.rank(index) - 1);
  for (int axis = 0; axis < run.rank(index) - 1; axis++) shape.count *= run.size(index, axis);
  for (int vector = first; vector < end; vector++)
    run.fails(run.rank(vector) != 1 || run.size(vector, 0) != shape.channels, "a value for each channel is needed");
  run.fails(shape.count == 0 || shape.channels == 0, "there is nothing to normalise");
  return shape;
}

void batch_norm(void* settings, TF_OpKernelContext* context) {
  Execution run(settings, context, 3);
  if (run.has_failed()) return;
  const NormShape shape = norm_shape(run, 0, 1, 3);
  if (run.has_failed()) return;
  float *y = run.allocate(0, run.sizes(0)), *mean = run.allocate(1, {shape.channels}), *variance = run.allocate(2, {shape.channels});
  if (!run.has_failed()) pipe::batch_norm(shape, run.settings.epsilon, run.data(0), run.data(1), run.data(2), y, mean, variance);
}

void batch_norm_gradient(void* settings, TF_OpKernelContext* context) {
  Execution run(settings, context, 5);
  if (run.has_failed()) return;
  const NormShape shape = norm_shape(run, 1, 2, 5);
  if (run.has_failed() || run.fails(run.sizes(0) != run.sizes(1), "the gradient has another shape")) return;
  float *dx = run.allocate(0, run.sizes(1)), *dscale = run.allocate(1, {shape.channels}), *doffset = run.allocate(2, {shape.channels});
  if (!run.has_failed())
    pipe::batch_norm_gradient(shape, run.settings.epsilon, run.data(0), run.data(1), run.data(2), run.data(3), run.data(4), dx, dscale,
                              doffset);
}

std::string add_all() {
  for (const std::string& problem :
       {pipe::add_operation("PipeConv2D", {"x", "kernel"}, {"y"}, conv2d),
        pipe::add_operation("PipeConv2DInputGrad", {"gradient", "kernel"}, {"dx"}, conv2d_input_gradient),
        pipe::add_operation("PipeConv2DKernelGrad", {"x", "gradient"}, {"dkernel"}, conv2d_kernel_gradient),
        pipe::add_operation("PipeBatchNorm", {"x", "scale", "offset"}, {"y", "mean", "variance"}, batch_norm),
        pipe::add_operation("PipeBatchNormGrad", {"gradient", "x", "scale", "mean", "variance"}, {"dx", "dscale", "doffset"},
                            batch_norm_gradient)})
    if (!problem.empty()) return problem;
  return "";
}

}  // namespace

NAPI_MODULE_INIT() {
  // Once for the process: each worker of Node's loads addons anew.
  static const std::string problem = add_all();
  if (!problem.empty()) napi_throw_error(env, nullptr, problem.c_str());
  return exports;
}
