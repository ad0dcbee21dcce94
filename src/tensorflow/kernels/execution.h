/* One execution of a kernel by TensorFlow, and the registration of operations. */
#pragma once
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>
#include "tensorflow.h"

namespace pipe {

using Status = std::unique_ptr<TF_Status, decltype(&TF_DeleteStatus)>;
using Tensor = std::unique_ptr<TF_Tensor, decltype(&TF_DeleteTensor)>;

inline Status new_status() { return Status(TF_NewStatus(), TF_DeleteStatus); }

/** An error with the code that TensorFlow reports. */
class KernelError : public std::runtime_error {
 public:
  KernelError(TF_Code error, const char* message) : std::runtime_error(message), code(error) {}
  const TF_Code code;
};

/** Throws what a call of TensorFlow reports. */
inline void check(const Status& status) {
  if (TF_GetCode(status.get()) != TF_OK) throw KernelError(TF_GetCode(status.get()), TF_Message(status.get()));
}

/**
 * Calls `body`; returns whether it succeeded. What it throws becomes the status: exceptions do not pass through TensorFlow, which is
 * C on this side.
 */
template <class Body>
inline bool capture(const Status& status, const Body& body) noexcept {
  try {
    body();
    return true;
  } catch (const KernelError& error) {
    TF_SetStatus(status.get(), error.code, error.what());
  } catch (const std::bad_alloc&) {
    TF_SetStatus(status.get(), TF_RESOURCE_EXHAUSTED, "out of memory for intermediate results of a kernel");
  } catch (const std::exception& error) {
    TF_SetStatus(status.get(), TF_INTERNAL, error.what());
  } catch (...) {
    TF_SetStatus(status.get(), TF_INTERNAL, "an unknown exception in a kernel");
  }
  return false;
}

/** Attributes of an operation's node. */
struct Settings {
  int32_t stride = 1, upsample = 1, height = 1, width = 1, size = 1;
  float epsilon = 0, slope = 1;
};

/** Inputs, attributes and outputs of one execution; all tensors are float32. */
class Execution {
 public:
  /** Throws a KernelError where an input is missing. */
  Execution(const void* attributes, TF_OpKernelContext* context, int inputs)
      : settings(*static_cast<const Settings*>(attributes)), context_(context) {
    for (int index = 0; index < inputs; index++) {
      TF_Tensor* tensor = nullptr;
      TF_GetInput(context_, index, &tensor, status_.get());
      inputs_.emplace_back(tensor, TF_DeleteTensor);
      check(status_);
    }
  }

  const Settings& settings;

  /** Throws an invalid argument's KernelError unless the condition holds. */
  void require(bool condition, const char* message) const {
    if (!condition) throw KernelError(TF_INVALID_ARGUMENT, message);
  }

  int rank(int index) const { return TF_NumDims(inputs_[index].get()); }
  int size(int index, int axis) const { return static_cast<int>(TF_Dim(inputs_[index].get(), axis)); }
  std::vector<int64_t> sizes(int index) const {
    std::vector<int64_t> found;
    for (int axis = 0; axis < rank(index); axis++) found.push_back(TF_Dim(inputs_[index].get(), axis));
    return found;
  }
  const float* data(int index) const { return static_cast<const float*>(TF_TensorData(inputs_[index].get())); }

  /** Memory of an output, which may be null for one without elements. Throws a KernelError where there is no memory. */
  float* allocate(int index, const std::vector<int64_t>& sizes) {
    size_t bytes = sizeof(float);
    for (const int64_t size : sizes) bytes *= size;
    const int rank = static_cast<int>(sizes.size());
    outputs_.emplace_back(TF_AllocateOutput(context_, index, TF_FLOAT, sizes.data(), rank, bytes, status_.get()), TF_DeleteTensor);
    check(status_);
    return static_cast<float*>(TF_TensorData(outputs_.back().get()));
  }

 private:
  TF_OpKernelContext* context_;
  Status status_ = new_status();
  std::vector<Tensor> inputs_, outputs_;
};

/** The function that TensorFlow calls to execute a kernel. */
template <void (*body)(Execution&), int inputs>
void compute(void* settings, TF_OpKernelContext* context) noexcept {
  const Status status = new_status();
  const auto execute = [&] {
    Execution execution(settings, context, inputs);
    body(execution);
  };
  if (!capture(status, execute)) TF_OpKernelContext_Failure(context, status.get());
}

inline void read_settings(TF_OpKernelConstruction* construction, Settings& settings) {
  const Status status = new_status();
  // With the least value of each: images without rows or columns are allowed.
  const std::pair<const char*, std::pair<int32_t*, int32_t>> attributes[] = {{"stride", {&settings.stride, 1}},
                                                                             {"upsample", {&settings.upsample, 1}},
                                                                             {"height", {&settings.height, 0}},
                                                                             {"width", {&settings.width, 0}},
                                                                             {"size", {&settings.size, 1}}};
  for (const auto& [name, attribute] : attributes) {
    TF_OpKernelConstruction_GetAttrInt32(construction, name, attribute.first, status.get());
    check(status);
    if (*attribute.first >= attribute.second) continue;
    const std::string message = std::string("the attribute ") + name + " must be at least " + std::to_string(attribute.second);
    throw KernelError(TF_INVALID_ARGUMENT, message.c_str());
  }
  const std::pair<const char*, float*> constants[] = {{"epsilon", &settings.epsilon}, {"slope", &settings.slope}};
  for (const auto& [name, constant] : constants) {
    TF_OpKernelConstruction_GetAttrFloat(construction, name, constant, status.get());
    check(status);
  }
}

inline void* create_settings(TF_OpKernelConstruction* construction) noexcept {
  const Status status = new_status();
  std::unique_ptr<Settings> settings;
  const auto create = [&] {
    settings = std::make_unique<Settings>();
    read_settings(construction, *settings);
  };
  if (!capture(status, create)) TF_OpKernelConstruction_Failure(construction, status.get());
  return settings.release();
}

inline void delete_settings(void* settings) noexcept { delete static_cast<Settings*>(settings); }

inline void set_unknown_shape(TF_ShapeInferenceContext* context, TF_Status* status) {
  TF_ShapeInferenceContextSetUnknownShape(context, status);
}

/** Adds an operation with its kernel for the CPU. Throws a KernelError where TensorFlow refuses it. */
inline void add_operation(const char* name, std::initializer_list<const char*> inputs, std::initializer_list<const char*> outputs,
                          void (*compute)(void*, TF_OpKernelContext*)) {
  const Status status = new_status();
  TF_OpDefinitionBuilder* operation = TF_NewOpDefinitionBuilder(name);
  for (const char* input : inputs) TF_OpDefinitionBuilderAddInput(operation, (std::string(input) + ": float").c_str());
  for (const char* output : outputs) TF_OpDefinitionBuilderAddOutput(operation, (std::string(output) + ": float").c_str());
  for (const char* attribute : {"stride", "upsample", "height", "width", "size"})
    TF_OpDefinitionBuilderAddAttr(operation, (std::string(attribute) + ": int = 1").c_str());
  TF_OpDefinitionBuilderAddAttr(operation, "epsilon: float = 0.0");
  TF_OpDefinitionBuilderAddAttr(operation, "slope: float = 1.0");
  TF_OpDefinitionBuilderSetShapeInferenceFunction(operation, set_unknown_shape);
  TF_RegisterOpDefinition(operation, status.get());
  check(status);
  TF_RegisterKernelBuilder(name, TF_NewKernelBuilder(name, "CPU", create_settings, compute, delete_settings), status.get());
  check(status);
}

}  // namespace pipe
