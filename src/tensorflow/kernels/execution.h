/* One execution of a kernel of ours by TensorFlow, and how an operation is added to TensorFlow's. */
#pragma once
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>
#include "tensorflow.h"

namespace pipe {

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

inline Status new_status() { return Status(TF_NewStatus(), TF_DeleteStatus); }

/** What an operation's node says. */
struct Settings {
  int32_t stride = 1, upsample = 1, height = 1, width = 1, size = 1;
  float epsilon = 0;
};

/** One execution: its inputs and outputs, of floats. Once something failed, it is told to TensorFlow and nothing is done. */
class Execution {
 public:
  Execution(void* settings, TF_OpKernelContext* context, int inputs)
      : settings(*static_cast<Settings*>(settings)), context_(context) {
    for (int index = 0; index < inputs; index++) {
      TF_Tensor* tensor = nullptr;
      TF_GetInput(context_, index, &tensor, status_.get());
      inputs_.emplace_back(tensor, TF_DeleteTensor);
    }
  }

  const Settings& settings;

  /** Whether the execution is over, for the condition or for what failed before. */
  bool fails(bool condition, const char* message) {
    if (condition && TF_GetCode(status_.get()) == TF_OK) TF_SetStatus(status_.get(), TF_INVALID_ARGUMENT, message);
    if (TF_GetCode(status_.get()) == TF_OK) return false;
    TF_OpKernelContext_Failure(context_, status_.get());
    return true;
  }

  bool has_failed() { return fails(false, ""); }
  int rank(int index) const { return TF_NumDims(inputs_[index].get()); }
  int size(int index, int axis) const { return static_cast<int>(TF_Dim(inputs_[index].get(), axis)); }
  std::vector<int64_t> sizes(int index) const {
    std::vector<int64_t> found;
    for (int axis = 0; axis < rank(index); axis++) found.push_back(TF_Dim(inputs_[index].get(), axis));
    return found;
  }
  const float* data(int index) const { return static_cast<const float*>(TF_TensorData(inputs_[index].get())); }

  /** An output's memory; null when there is none to be had, which is told. */
  float* allocate(int index, const std::vector<int64_t>& sizes) {
    size_t bytes = sizeof(float);
    for (const int64_t size : sizes) bytes *= size;
    const int rank = static_cast<int>(sizes.size());
    outputs_.emplace_back(TF_AllocateOutput(context_, index, TF_FLOAT, sizes.data(), rank, bytes, status_.get()), TF_DeleteTensor);
    return has_failed() ? nullptr : static_cast<float*>(TF_TensorData(outputs_.back().get()));
  }

 private:
  TF_OpKernelContext* context_;
  Status status_ = new_status();
  std::vector<Tensor> inputs_, outputs_;
};

inline void* create_settings(TF_OpKernelConstruction* construction) {
  auto settings = std::make_unique<Settings>();
  const Status status = new_status();
  const std::pair<const char*, int32_t*> sizes[] = {{"stride", &settings->stride},
                                                    {"upsample", &settings->upsample},
                                                    {"height", &settings->height},
                                                    {"width", &settings->width},
                                                    {"size", &settings->size}};
  for (const auto& [name, value] : sizes) {
    if (TF_GetCode(status.get()) == TF_OK) TF_OpKernelConstruction_GetAttrInt32(construction, name, value, status.get());
    if (TF_GetCode(status.get()) == TF_OK && *value < 1) TF_SetStatus(status.get(), TF_INVALID_ARGUMENT, name);
  }
  if (TF_GetCode(status.get()) == TF_OK)
    TF_OpKernelConstruction_GetAttrFloat(construction, "epsilon", &settings->epsilon, status.get());
  if (TF_GetCode(status.get()) != TF_OK) TF_OpKernelConstruction_Failure(construction, status.get());
  return settings.release();
}

inline void delete_settings(void* settings) { delete static_cast<Settings*>(settings); }

inline void leave_shape_open(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

/** Adds an operation with its kernel for the CPU. Answers what went wrong, or nothing. */
inline std::string add_operation(const char* name, std::initializer_list<const char*> inputs,
                                 std::initializer_list<const char*> outputs, void (*compute)(void*, TF_OpKernelContext*)) {
  const Status status = new_status();
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(operation, (std::string(input) + ": float").c_str());
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(operation, (std::string(output) + ": float").c_str());
  for (const char* attribute : {"stride", "upsample", "height", "width", "size"})
    TF_OpDefinitionBuilderAddAttr(operation, (std::string(attribute) + ": int = 1").c_str());
  TF_OpDefinitionBuilderAddAttr(operation, "epsilon: float = 0.0");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(operation, leave_shape_open);
  TF_RegisterOpDefinition(operation, status.get());
  if (TF_GetCode(status.get()) != TF_OK) return TF_Message(status.get());
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create_settings, compute, delete_settings), status.get());
  return TF_GetCode(status.get()) == TF_OK ? "" : TF_Message(status.get());
}

}  // namespace pipe
