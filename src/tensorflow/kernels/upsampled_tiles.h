/* Tiles of a convolution of an upsampled image (upsampled.h): where they lie in memory, and their Winograd transforms. */
#pragma once
#include <cstddef>
#include "finish.h"
#include "scratch.h"
#include "thread_pool.h"
#include "tile.h"
#include "transform_2d.h"
#include "upsampled_transforms.h"

namespace pipe {

/** Numbers of a tile on both axes. */
constexpr int DIFFERENCES_2D = DIFFERENCES * DIFFERENCES, WEIGHTS_2D = WEIGHTS * WEIGHTS, TAPS_2D = AXIS_TAPS * AXIS_TAPS;

struct UpsampledShape {
  int batch, height, width, inputs, outputs;

  int tile_rows() const { return ceil_div(height, 2); }
  int tile_columns() const { return ceil_div(width, 2); }
  /** Tiles of an image. */
  int tiles() const { return tile_rows() * tile_columns(); }
  size_t in_size() const { return static_cast<size_t>(height) * width * inputs; }
  size_t out_size() const { return 4 * static_cast<size_t>(height) * width * outputs; }
};

/**
 * Consecutive tiles, numbered through all images. Rows that are a power of two apart compete for the same lines of a cache, so
 * matrices of tiles have a row of padding.
 */
struct TileRange {
  const UpsampledShape& shape;
  int first, tiles;

  /** Floats of a matrix [tiles][PANEL] with its padding. */
  size_t panel_size() const { return static_cast<size_t>(tiles + 1) * PANEL; }
  /** Floats from one tile's differences to the next tile's, padding included. */
  int difference_stride() const { return (ceil_div(shape.inputs, PANEL) + 1) * PANEL; }
  /** Floats of a matrix [tiles][difference_stride]. */
  size_t difference_size() const { return static_cast<size_t>(tiles) * difference_stride() + PANEL; }
};

/** Offsets of a tile's inputs in x and of its outputs in the output; -1 outside the image. */
struct Tile {
  ptrdiff_t inputs[INPUTS][INPUTS], outputs[OUTPUTS][OUTPUTS];
  bool is_first_row, is_first_column;

  Tile(const UpsampledShape& shape, int number) {
    const int image = number / shape.tiles(), tile_row = number % shape.tiles() / shape.tile_columns();
    const int tile_column = number % shape.tile_columns();
    is_first_row = tile_row == 0;
    is_first_column = tile_column == 0;
    for (int row = 0; row < INPUTS; row++)
      for (int column = 0; column < INPUTS; column++) {
        const int y = input_position(row, tile_row, shape.tile_rows(), shape.height);
        const int x = input_position(column, tile_column, shape.tile_columns(), shape.width);
        const ptrdiff_t pixel = image * shape.in_size() + static_cast<ptrdiff_t>(y * shape.width + x) * shape.inputs;
        inputs[row][column] = y < 0 || x < 0 ? -1 : pixel;
      }
    for (int row = 0; row < OUTPUTS; row++)
      for (int column = 0; column < OUTPUTS; column++) {
        const int y = output_position(row, tile_row, shape.tile_rows(), 2 * shape.height);
        const int x = output_position(column, tile_column, shape.tile_columns(), 2 * shape.width);
        const ptrdiff_t pixel = image * shape.out_size() + static_cast<ptrdiff_t>(y * 2 * shape.width + x) * shape.outputs;
        outputs[row][column] = y < 0 || x < 0 ? -1 : pixel;
      }
  }
};

/** `count` channels at an offset; zeros outside the image. */
inline Vector load_at(const float* from, ptrdiff_t offset, int count) { return offset < 0 ? Vector{} : load(from + offset, count); }

/** Differences [4 × 4][tiles][difference_stride] of a range's inputs. */
inline void read_differences(const TileRange& range, const float* x, float* differences) {
  const int inputs = range.shape.inputs;
  for (int number = 0; number < range.tiles; number++) {
    const Tile tile(range.shape, range.first + number);
    for (int first = 0; first < inputs; first += LANES) {
      float* to = differences + static_cast<size_t>(number) * range.difference_stride() + first;
      transform_2d<INPUTS, DIFFERENCES>(
          on_axis(transform_inputs, tile.is_first_row), on_axis(transform_inputs, tile.is_first_column),
          [&](int row, int column) { return load_at(x + first, tile.inputs[row][column], inputs - first); },
          [&](int row, int column, Vector vector) {
            store(to + (row * DIFFERENCES + column) * range.difference_size(), vector);
          });
    }
  }
}

/** Adds the gradients of x that follow from those of differences, [4 × 4][tiles][PANEL]; of `channels` inputs, at most PANEL. */
inline void add_input_gradients(const TileRange& range, const float* differences, int channels, float* result) {
  for (int number = 0; number < range.tiles; number++) {
    const Tile tile(range.shape, range.first + number);
    for (int first = 0; first < channels; first += LANES) {
      const float* from = differences + static_cast<size_t>(number) * PANEL + first;
      transform_2d<DIFFERENCES, INPUTS>(
          on_axis(transform_inputs_gradient, tile.is_first_row), on_axis(transform_inputs_gradient, tile.is_first_column),
          [&](int row, int column) { return load(from + (row * DIFFERENCES + column) * range.panel_size()); },
          [&](int row, int column, Vector vector) {
            float* to = result + first + tile.inputs[row][column];
            if (tile.inputs[row][column] >= 0) store(to, load(to, channels - first) + vector, channels - first);
          });
    }
  }
}

/** Writes the outputs of a range that follow from its products, [panel][5 × 5][tiles][PANEL]. */
inline void write_outputs(const TileRange& range, const float* products, const Finish& finish, float* output) {
  const int outputs = range.shape.outputs;
  for (int number = 0; number < range.tiles; number++) {
    const Tile tile(range.shape, range.first + number);
    for (int first = 0; first < outputs; first += LANES) {
      const float* from =
          products + channel_offset(first, WEIGHTS_2D * range.panel_size()) + static_cast<size_t>(number) * PANEL;
      transform_2d<WEIGHTS, OUTPUTS>(
          on_axis(transform_outputs, tile.is_first_row), on_axis(transform_outputs, tile.is_first_column),
          [&](int row, int column) { return load(from + (row * WEIGHTS + column) * range.panel_size()); },
          [&](int row, int column, Vector vector) {
            const ptrdiff_t offset = tile.outputs[row][column];
            const int count = outputs - first;
            if (offset >= 0) store(output + first + offset, finish.outputs(vector, first, count), count);
          });
    }
  }
}

/** Gradients of a range's products, [panel][5 × 5][tiles][PANEL], from those of `count` outputs from `begin` on. */
inline void read_product_gradients(const TileRange& range, const float* gradient, int begin, int count, float* products) {
  for (int number = 0; number < range.tiles; number++) {
    const Tile tile(range.shape, range.first + number);
    for (int first = 0; first < ceil_div(count, PANEL) * PANEL; first += LANES) {
      float* to = products + channel_offset(first, WEIGHTS_2D * range.panel_size()) + static_cast<size_t>(number) * PANEL;
      transform_2d<OUTPUTS, WEIGHTS>(
          on_axis(transform_outputs_gradient, tile.is_first_row), on_axis(transform_outputs_gradient, tile.is_first_column),
          [&](int row, int column) { return load_at(gradient + begin + first, tile.outputs[row][column], count - first); },
          [&](int row, int column, Vector vector) { store(to + (row * WEIGHTS + column) * range.panel_size(), vector); });
    }
  }
}

/** Weights [5 × 5][depth][PANEL] of taps [3 × 3][depth][PANEL]. */
inline void transform_taps(const float* taps, int depth, float* weights) {
  const size_t size = matrix_size(depth);
  for (int at = 0; at < depth * PANEL; at += LANES)
    transform_2d<AXIS_TAPS, WEIGHTS>(
        on_axis(transform_kernel, false), [&](int row, int column) { return load(taps + (row * AXIS_TAPS + column) * size + at); },
        [&](int row, int column, Vector vector) { store(weights + (row * WEIGHTS + column) * size + at, vector); });
}

/** Weights of all panels, [panel][5 × 5][depth][PANEL]. `pack_tap(tap, panel, packed)` packs a panel of a tap, [I, O]. */
template <class Pack>
inline void transform_panels(const UpsampledShape& shape, const float* kernel, int panels, int depth, float* weights,
                             const Pack& pack_tap) {
  const size_t matrix = matrix_size(depth);
  ThreadPool::shared().parallel_for(panels, [&](int panel) {
    Scratch taps(TAPS_2D * matrix);
    for (int tap = 0; tap < TAPS_2D; tap++)
      pack_tap(kernel + static_cast<size_t>(tap) * shape.inputs * shape.outputs, panel, &taps[tap * matrix]);
    transform_taps(taps.data(), depth, weights + panel * WEIGHTS_2D * matrix);
  });
}

/** The difference, of those on both axes, that a weight is multiplied by. */
inline int difference_of(int weight) {
  return DIFFERENCE_OF[weight / WEIGHTS] * DIFFERENCES + DIFFERENCE_OF[weight % WEIGHTS];
}

}  // namespace pipe
