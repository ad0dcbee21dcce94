/* Memory for intermediate results. Each thread keeps what it has had, since every step asks for the same again. */
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace pipe {

/**
 * A stack of a thread's arrays. It takes memory in large pages, of which a processor remembers few addresses: a transform writes to
 * 36 matrices in turn. Arrays begin with a line of the cache, so that no vector lies in two.
 */
class ScratchStack {
 public:
  struct Position {
    size_t chunk, used;
  };

  static ScratchStack& of_thread() {
    static thread_local ScratchStack stack;
    return stack;
  }

  Position top() const { return top_; }
  void return_to(Position position) noexcept { top_ = position; }

  /** Throws std::bad_alloc where there is no memory. */
  float* push(size_t size) {
    size = (size + LINE - 1) / LINE * LINE;
    while (top_.chunk < chunks_.size() && chunks_[top_.chunk].size - top_.used < size)
      // An empty chunk is not large enough, and gives way to one that is.
      if (top_.used > 0) top_ = {top_.chunk + 1, 0};
      else chunks_.erase(chunks_.begin() + static_cast<ptrdiff_t>(top_.chunk));
    if (top_.chunk == chunks_.size()) chunks_.push_back(new_chunk(size));
    float* array = chunks_[top_.chunk].floats.get() + top_.used;
    top_.used += size;
    return array;
  }

 private:
  static constexpr size_t LINE = 64 / sizeof(float), PAGE = 2 * 1024 * 1024;
  struct Delete {
    void operator()(float* floats) const { ::operator delete[](floats, std::align_val_t(PAGE)); }
  };
  struct Chunk {
    std::unique_ptr<float[], Delete> floats;
    size_t size;
  };

  static Chunk new_chunk(size_t size) {
    const size_t bytes = std::max<size_t>((size * sizeof(float) + PAGE - 1) / PAGE, 1) * PAGE;
    Chunk chunk{std::unique_ptr<float[], Delete>(static_cast<float*>(::operator new[](bytes, std::align_val_t(PAGE)))),
                bytes / sizeof(float)};
#if defined(MADV_HUGEPAGE)
    // A system that has none of them says so, and gives small pages.
    madvise(chunk.floats.get(), bytes, MADV_HUGEPAGE);
#endif
    return chunk;
  }

  std::vector<Chunk> chunks_;
  Position top_{0, 0};
};

/** An array of floats, uninitialised; the arrays of a thread end in the reverse of the order in which they began. */
class Scratch {
 public:
  /** Throws std::bad_alloc where there is no memory. */
  explicit Scratch(size_t size) : before_(ScratchStack::of_thread().top()), floats_(ScratchStack::of_thread().push(size)) {}
  ~Scratch() { ScratchStack::of_thread().return_to(before_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  float* data() { return floats_; }
  const float* data() const { return floats_; }
  float& operator[](size_t index) { return floats_[index]; }
  const float& operator[](size_t index) const { return floats_[index]; }

 private:
  ScratchStack::Position before_;
  float* floats_;
};

}  // namespace pipe
