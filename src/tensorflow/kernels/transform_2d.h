/* A transform of both axes of a tile (Winograd), and numbers on which tiles of every convolution agree. */
#pragma once
#include "tile.h"

namespace pipe {

/**
 * Applies transforms of one axis, `down(from, to)` to the columns and then `across(from, to)` to the rows of IN × IN vectors, which
 * `read(row, column)` returns; `write(row, column, vector)` takes the OUT × OUT results.
 */
template <int IN, int OUT, class Down, class Across, class Read, class Write>
__attribute__((always_inline)) inline void transform_2d(const Down& down, const Across& across, const Read& read, const Write& write) {
  Vector rows[OUT][IN];
#pragma GCC unroll 8
  for (int column = 0; column < IN; column++) {
    Vector from[IN], to[OUT];
#pragma GCC unroll 8
    for (int row = 0; row < IN; row++) from[row] = read(row, column);
    down(from, to);
#pragma GCC unroll 8
    for (int row = 0; row < OUT; row++) rows[row][column] = to[row];
  }
#pragma GCC unroll 8
  for (int row = 0; row < OUT; row++) {
    Vector to[OUT];
    across(rows[row], to);
#pragma GCC unroll 8
    for (int column = 0; column < OUT; column++) write(row, column, to[column]);
  }
}

/** The same transform on both axes. */
template <int IN, int OUT, class Transform, class Read, class Write>
__attribute__((always_inline)) inline void transform_2d(const Transform& transform, const Read& read, const Write& write) {
  transform_2d<IN, OUT>(transform, transform, read, write);
}

/** Floats of a matrix [rows][PANEL]. Matrices a power of two apart compete for the same lines of a cache, so a row is added. */
inline size_t matrix_size(int rows) { return static_cast<size_t>(rows + 1) * PANEL; }

/** Offset of a channel in consecutive panels of `panel_size` floats. */
inline size_t channel_offset(int channel, size_t panel_size) { return channel / PANEL * panel_size + channel % PANEL; }

}  // namespace pipe
