/*
 * The inner loop of the kernels: a tile of MR rows and PANEL columns of a matrix product, held in registers.
 * One instruction set per compilation; vectors are GCC's and clang's own, so the same source serves AVX-512, AVX2 and NEON.
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
/** Columns of a tile: two vectors. Everything that is multiplied with is laid out in panels of this width. */
constexpr int PANEL = 2 * LANES;

typedef float Vector __attribute__((vector_size(LANES * sizeof(float))));

inline Vector load(const float* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

inline void store(float* to, Vector vector) { std::memcpy(to, &vector, sizeof vector); }

/** The first `count` of a vector, the others being zero. */
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

/** How many steps reach the number. */
inline int up(int number, int step) { return (number + step - 1) / step; }

/** `to[0..count) += from[0..count)`, at most a panel. */
inline void add(float* to, const float* from, int count) {
  for (int at = 0; at < count; at += LANES) store(to + at, load(to + at, count - at) + load(from + at, count - at), count - at);
}

/** Copies the rows of a tile, or fewer of them. */
inline void copy_row(const float* from, int count, float* to) {
  if (count == ROWS) std::memcpy(to, from, ROWS * sizeof(float));
  else std::memcpy(to, from, count * sizeof(float));
}

/** The left factor: element (row, k) is at `data[row * row_stride + (k / inner) * outer_stride + (k % inner) * stride]`. */
struct Left {
  const float* data;
  ptrdiff_t row_stride;
  ptrdiff_t stride;
  int outer;
  int inner;
  ptrdiff_t outer_stride;
};

/** `result[row][0..PANEL) (+)= Σ_k left(row, k) · right[k][0..PANEL)` for MR rows. `right` is packed: PANEL floats per k. */
template <int MR>
__attribute__((noinline)) void tile(const Left& left, const float* right, float* result, ptrdiff_t result_stride, bool adds) {
  Vector sums[MR][2];
#pragma GCC unroll 16
  for (int row = 0; row < MR; row++) {
    sums[row][0] = adds ? load(result + row * result_stride) : Vector{};
    sums[row][1] = adds ? load(result + row * result_stride + LANES) : Vector{};
  }
  for (int outer = 0; outer < left.outer; outer++) {
    const float* from = left.data + outer * left.outer_stride;
    for (int inner = 0; inner < left.inner; inner++, from += left.stride, right += PANEL) {
      const Vector first = load(right), second = load(right + LANES);
#pragma GCC unroll 16
      for (int row = 0; row < MR; row++) {
        const float factor = from[row * left.row_stride];
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

/** The same for a number of rows up to MR. */
template <int MR = ROWS>
inline void tile_of(int rows, const Left& left, const float* right, float* result, ptrdiff_t result_stride, bool adds) {
  if (rows == MR) return tile<MR>(left, right, result, result_stride, adds);
  if constexpr (MR > 1) tile_of<MR - 1>(rows, left, right, result, result_stride, adds);
}

/** The same for any number of rows, in tiles of about the same height: a low one has too few sums to keep the processor busy. */
inline void product(Left left, int rows, const float* right, float* result, ptrdiff_t result_stride, bool adds) {
  for (int tiles = up(rows, ROWS); tiles > 0; tiles--) {
    const int height = up(rows, tiles);
    tile_of(height, left, right, result, result_stride, adds);
    rows -= height;
    left.data += height * left.row_stride;
    result += height * result_stride;
  }
}

/** A product into a result that may have fewer columns than a panel, by way of `narrow` (rows × PANEL floats). */
inline void product_into(const Left& left, int rows, const float* right, float* result, ptrdiff_t result_stride, int width,
                         float* narrow) {
  if (width == PANEL) return product(left, rows, right, result, result_stride, false);
  product(left, rows, right, narrow, PANEL, false);
  for (int row = 0; row < rows; row++, result += result_stride, narrow += PANEL) std::memcpy(result, narrow, width * sizeof(float));
}

}  // namespace pipe
