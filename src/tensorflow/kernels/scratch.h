/* Memory for intermediate results: a thread keeps what it used, since the same sizes come again at every step. */
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace pipe {

/** Floats of no particular value. */
class Scratch {
 public:
  explicit Scratch(size_t size) {
    auto& kept = kept_();
    for (auto candidate = kept.begin(); candidate != kept.end(); ++candidate)
      if (candidate->size >= size && candidate->size <= 2 * size + 4096) {
        block_ = std::move(*candidate);
        kept.erase(candidate);
        return;
      }
    block_ = {std::unique_ptr<float[]>(new float[size]), size};
  }
  ~Scratch() {
    auto& kept = kept_();
    if (kept.size() == MOST) kept.erase(kept.begin());
    kept.push_back(std::move(block_));
  }
  Scratch(const Scratch&) = delete;

  float* data() { return block_.floats.get(); }
  const float* data() const { return block_.floats.get(); }
  float& operator[](size_t index) { return block_.floats[index]; }
  const float& operator[](size_t index) const { return block_.floats[index]; }

 private:
  struct Block {
    std::unique_ptr<float[]> floats;
    size_t size = 0;
  };
  /** Blocks that a thread keeps at most. */
  static constexpr size_t MOST = 16;
  static std::vector<Block>& kept_() {
    static thread_local std::vector<Block> kept;
    return kept;
  }
  Block block_;
};

}  // namespace pipe
