/*
 * A Node addon that adds our convolution to TensorFlow's operations, by TensorFlow's C interface:
 *
 *     PipeConv2D(x, kernel) -> y
 *     PipeConv2DInputGrad(gradient, kernel) -> dx          with x's `height` and `width`
 *     PipeConv2DKernelGrad(x, gradient) -> dkernel         with the kernel's `size`
 *
 * float, NHWC, padding `same`, on the CPU, with a `stride`, and with `upsample` 2 of x's nearest upsampling. Compiled for one
 * instruction set by `pipe setup`.
 */
#define NAPI_VERSION 8
#include <node_api.h>
#include <memory>
#include <string>
#include "conv2d.h"
#include "tensorflow.h"

namespace {

using pipe::ConvShape;

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

Status new_status() { return Status(TF_NewStatus(), TF_DeleteStatus); }

/** What an operation's node says. */
struct Settings {
  int32_t stride, upsample, height, width, size;
};

void* create(TF_OpKernelConstruction* construction) {
  auto settings = std::make_unique<Settings>();
  const Status status = new_status();
  const std::pair<const char*, int32_t*> attributes[] = {{"stride", &settings->stride},
                                                         {"upsample", &settings->upsample},
                                                         {"height", &settings->height},
                                                         {"width", &settings->width},
                                                         {"size", &settings->size}};
  for (const auto& [name, value] : attributes) {
    if (TF_GetCode(status.get()) == TF_OK) TF_OpKernelConstruction_GetAttrInt32(construction, name, value, status.get());
    if (TF_GetCode(status.get()) == TF_OK && *value < 1) TF_SetStatus(status.get(), TF_INVALID_ARGUMENT, name);
  }
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return settings.release();
}

void destroy(void* settings) { delete static_cast<Settings*>(settings); }

/** One execution: its two inputs and its output. Once something failed, it is told to TensorFlow and nothing is done. */
class Execution {
 public:
  explicit Execution(TF_OpKernelContext* context) : context_(context), inputs_{input(0), input(1)} {}

  bool fails(bool condition, const char* message) {
    if (condition && TF_GetCode(status_.get()) == TF_OK) TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message);
    if (TF_GetCode(status_.get()) == TF_OK) return false;
    TF_OpKernelContext_Failure(context_, status_.get());
    return true;
  }

  bool has_images() { return !fails(!inputs_[0] || !inputs_[1] || rank(0) != 4 || rank(1) != 4, "four dimensions are needed"); }
  int rank(int index) const { return TF_NumDims(inputs_[index].get()); }
  int size(int index, int axis) const { return static_cast<int>(TF_Dim(inputs_[index].get(), axis)); }
  const float* data(int index) const { return static_cast<const float*>(TF_TensorData(inputs_[index].get())); }

  /** The output's memory; null when there is none to be had, which is told. */
  float* allocate(int64_t a, int64_t b, int64_t c, int64_t d) {
    const int64_t sizes[] = {a, b, c, d};
    output_.reset(TF_AllocateOutput(context_, 0, TF_FLOAT, sizes, 4, a * b * c * d * sizeof(float), status_.get()));
    return fails(false, "") ? nullptr : static_cast<float*>(TF_TensorData(output_.get()));
  }

 private:
  Tensor input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    return Tensor(tensor, TF_DeleteTensor);
  }

  TF_OpKernelContext* context_;
  Status status_ = new_status();
  Tensor inputs_[2];
  Tensor output_{nullptr, TF_DeleteTensor};
};

/** Tells what does not fit. */
bool is_wrong(Execution& run, const ConvShape& shape, bool fits) {
  return run.fails(!fits, "the sizes of the tensors do not fit together") ||
         run.fails(!shape.is_offered(), "an upsampling is offered before a 3x3 kernel of stride 1");
}

void run_forward(void* settings, TF_OpKernelContext* context) {
  Execution run(context);
  if (!run.has_images()) return;
  const auto& [stride, upsample, height, width, size] = *static_cast<Settings*>(settings);
  const ConvShape shape{run.size(0, 0), run.size(0, 1), run.size(0, 2), run.size(0, 3), run.size(1, 3), run.size(1, 0), stride, upsample};
  if (is_wrong(run, shape, run.size(1, 1) == shape.kernel && run.size(1, 2) == shape.inputs)) return;
  float* output = run.allocate(shape.batch, shape.out_height(), shape.out_width(), shape.outputs);
  if (output != nullptr) pipe::conv2d(shape, run.data(0), run.data(1), output);
}

void run_input_gradient(void* settings, TF_OpKernelContext* context) {
  Execution run(context);
  if (!run.has_images()) return;
  const auto& [stride, upsample, height, width, size] = *static_cast<Settings*>(settings);
  const ConvShape shape{run.size(0, 0), height, width, run.size(1, 2), run.size(1, 3), run.size(1, 0), stride, upsample};
  const bool fits = run.size(1, 1) == shape.kernel && run.size(0, 1) == shape.out_height() &&
                    run.size(0, 2) == shape.out_width() && run.size(0, 3) == shape.outputs;
  if (is_wrong(run, shape, fits)) return;
  float* result = run.allocate(shape.batch, shape.height, shape.width, shape.inputs);
  if (result != nullptr) pipe::conv2d_input_gradient(shape, run.data(0), run.data(1), result);
}

void run_kernel_gradient(void* settings, TF_OpKernelContext* context) {
  Execution run(context);
  if (!run.has_images()) return;
  const auto& [stride, upsample, height, width, size] = *static_cast<Settings*>(settings);
  const ConvShape shape{run.size(0, 0), run.size(0, 1), run.size(0, 2), run.size(0, 3), run.size(1, 3), size, stride, upsample};
  const bool fits = run.size(1, 0) == shape.batch && run.size(1, 1) == shape.out_height() && run.size(1, 2) == shape.out_width();
  if (is_wrong(run, shape, fits)) return;
  float* result = run.allocate(size, size, shape.inputs, shape.outputs);
  if (result != nullptr) pipe::conv2d_kernel_gradient(shape, run.data(0), run.data(1), result);
}

void leave_shape_open(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

/** Answers what went wrong, or nothing. */
std::string add(const char* name, const char* first, const char* second, void (*compute)(void*, TF_OpKernelContext*)) {
  const Status status = new_status();
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  for (const char* input : {first, second}) TF_OpDefinitionBuilderAddInput(operation, input);
  TF_OpDefinitionBuilderAddOutput(operation, "result: float");
  for (const char* attribute : {"stride", "upsample", "height", "width", "size"})
    TF_OpDefinitionBuilderAddAttr(operation, (std::string(attribute) + ": int = 1").c_str());
  TF_OpDefinitionBuilderSetShapeInferenceFunction(operation, leave_shape_open);
  TF_RegisterOpDefinition(operation, status.get());
  if (TF_GetCode(status.get()) != TF_OK) return TF_Message(status.get());
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create, compute, destroy), status.get());
  return TF_GetCode(status.get()) == TF_OK ? "" : TF_Message(status.get());
}

std::string add_all() {
  for (const std::string& problem :
       {add("PipeConv2D", "x: float", "kernel: float", run_forward),
        add("PipeConv2DInputGrad", "gradient: float", "kernel: float", run_input_gradient),
        add("PipeConv2DKernelGrad", "x: float", "gradient: float", run_kernel_gradient)})
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
