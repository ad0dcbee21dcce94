/*
 * The inner loop of the kernels: a tile of MR rows and PANEL columns of a matrix product, held in registers.
 * One instruction set per compilation. Vectors are extensions of GCC and clang, so one source serves AVX-512, AVX2 and NEON.
 */
#pragma once
#include <cstddef>
#include <cstring>

namespace pipe {

#if defined(__AVX512F__)
constexpr int LANES = 16, ROWS = 12;
#elif defined(__AVX2__)
constexpr int LANES = 8, ROWS = 6;
#else
constexpr int LANES = 4, ROWS = 8;
#endif
/** Columns of a tile: two vectors. Right-hand sides are packed into panels of this width (pack.h). */
constexpr int PANEL = 2 * LANES;

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));

inline Vector load(const float* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

inline void store(float* to, Vector vector) { std::memcpy(to, &vector, sizeof vector); }

/** The first `count` floats of a vector; the others are zero. */
__attribute__((noinline)) inline Vector load_part(const float* from, int count) {
  float vector[LANES] = {};
  for (int index = 0; index < count; index++) vector[index] = from[index];
  return load(vector);
}
inline Vector load(const float* from, int count) { return count >= LANES ? load(from) : load_part(from, count); }

__attribute__((noinline)) inline void store_part(float* to, Vector vector, int count) {
  for (int index = 0; index < count; index++) to[index] = vector[index];
}
inline void store(float* to, Vector vector, int count) {
  if (count >= LANES) store(to, vector);
  else store_part(to, vector, count);
}

/** `number / divisor`, rounded up. */
inline int ceil_div(int number, int divisor) { return (number + divisor - 1) / divisor; }

/** `to[0..count) += from[0..count)`. */
inline void add(float* to, const float* from, int count) {
  for (int at = 0; at < count; at += LANES) store(to + at, load(to + at, count - at) + load(from + at, count - at), count - at);
}

/** Copies `count` floats, at most ROWS. */
inline void copy_row(const float* from, int count, float* to) {
  if (count == ROWS) std::memcpy(to, from, ROWS * sizeof(float));
  else std::memcpy(to, from, count * sizeof(float));
}

/** The left-hand side: element (row, k) is `data[row * row_stride + (k / inner) * outer_stride + (k % inner) * stride]`. */
struct Lhs {
  const float* data;
  ptrdiff_t row_stride;
  ptrdiff_t stride;
  int outer;
  int inner;
  ptrdiff_t outer_stride;
};

/**
 * `result[row][0..PANEL) = Σ_k lhs(row, k) · rhs[k][0..PANEL)` for MR rows, added to the result with `accumulate`. `rhs` is a
 * packed panel, PANEL floats for each k.
 */
template <int MR>
__attribute__((noinline)) void matmul_tile(const Lhs& lhs, const float* rhs, float* result, ptrdiff_t result_stride,
                                           bool accumulate) {
  Vector sums[MR][2];
#pragma GCC unroll 16
  for (int row = 0; row < MR; row++) {
    sums[row][0] = accumulate ? load(result + row * result_stride) : Vector{};
    sums[row][1] = accumulate ? load(result + row * result_stride + LANES) : Vector{};
  }
  for (int outer = 0; outer < lhs.outer; outer++) {
    const float* from = lhs.data + outer * lhs.outer_stride;
    for (int inner = 0; inner < lhs.inner; inner++, from += lhs.stride, rhs += PANEL) {
      const Vector first = load(rhs), second = load(rhs + LANES);
#pragma GCC unroll 16
      for (int row = 0; row < MR; row++) {
        const float factor = from[row * lhs.row_stride];
        sums[row][0] += factor * first;
        sums[row][1] += factor * second;
      }
    }
  }
#pragma GCC unroll 16
  for (int row = 0; row < MR; row++) {
    store(result + row * result_stride, sums[row][0]);
    store(result + row * result_stride + LANES, sums[row][1]);
  }
}

/** The same for `rows` rows, at most MR. */
template <int MR = ROWS>
inline void matmul_rows(int rows, const Lhs& lhs, const float* rhs, float* result, ptrdiff_t result_stride, bool accumulate) {
  if (rows == MR) return matmul_tile<MR>(lhs, rhs, result, result_stride, accumulate);
  if constexpr (MR > 1) matmul_rows<MR - 1>(rows, lhs, rhs, result, result_stride, accumulate);
}

/** The same for any number of rows, in tiles of about equal height: a low tile has too few sums to keep the processor busy. */
inline void matmul(Lhs lhs, int rows, const float* rhs, float* result, ptrdiff_t result_stride, bool accumulate) {
  for (int tiles = ceil_div(rows, ROWS); tiles > 0; tiles--) {
    const int height = ceil_div(rows, tiles);
    matmul_rows(height, lhs, rhs, result, result_stride, accumulate);
    rows -= height;
    lhs.data += height * lhs.row_stride;
    result += height * result_stride;
  }
}

/** A product of which the first `width` columns are kept, at most PANEL. `buffer` has room for rows × PANEL floats. */
inline void matmul_columns(const Lhs& lhs, int rows, const float* rhs, float* result, ptrdiff_t result_stride, int width,
                           float* buffer) {
  if (width == PANEL) return matmul(lhs, rows, rhs, result, result_stride, false);
  matmul(lhs, rows, rhs, buffer, PANEL, false);
  for (int row = 0; row < rows; row++, result += result_stride, buffer += PANEL) std::memcpy(result, buffer, width * sizeof(float));
}

}  // namespace pipe
