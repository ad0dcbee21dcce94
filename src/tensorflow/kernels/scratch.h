/* Memory for intermediate results. Each thread keeps freed blocks, since every step asks for the same sizes again. */
#pragma once
#include <cstddef>
#include <memory>
#include <vector>

namespace pipe {

/** An array of floats, uninitialised. Throws std::bad_alloc where there is no memory. */
class Scratch {
 public:
  explicit Scratch(size_t size) {
    auto& kept = kept_blocks();
    for (auto candidate = kept.begin(); candidate != kept.end(); ++candidate)
      if (candidate->size >= size && candidate->size <= 2 * size + 4096) {
        block_ = std::move(*candidate);
        kept.erase(candidate);
        return;
      }
    // Room for the block's return, so that the destructor allocates nothing.
    kept.reserve(MAX_BLOCKS);
    block_ = {std::unique_ptr<float[]>(new float[size]), size};
  }
  ~Scratch() {
    auto& kept = kept_blocks();
    if (kept.size() == MAX_BLOCKS) kept.erase(kept.begin());
    kept.push_back(std::move(block_));
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  float* data() { return block_.floats.get(); }
  const float* data() const { return block_.floats.get(); }
  float& operator[](size_t index) { return block_.floats[index]; }
  const float& operator[](size_t index) const { return block_.floats[index]; }

 private:
  struct Block {
    std::unique_ptr<float[]> floats;
    size_t size = 0;
  };
  /** The most blocks that a thread keeps; the oldest is freed first. */
  static constexpr size_t MAX_BLOCKS = 16;
  static std::vector<Block>& kept_blocks() {
    static thread_local std::vector<Block> kept;
    return kept;
  }
  Block block_;
};

}  // namespace pipe
