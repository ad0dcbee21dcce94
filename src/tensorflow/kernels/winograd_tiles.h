/* Tiles of a convolution by minimal filtering (winograd.h): where they lie in images, and their transforms. */
#pragma once
#include <algorithm>
#include <cstddef>
#include <type_traits>
#include "finish.h"
#include "scratch.h"
#include "tile.h"
#include "transform_2d.h"
#include "winograd_transforms.h"

namespace pipe {

/**
 * Positions of tiles on one axis. Output `j` of tile `t` is at `target_stride (4t + j) + target_offset`. Input `i` of a phase's
 * window is at `source_stride (4t + i) + source_offset[phase]`.
 */
struct WinogradAxis {
  int tiles, source_size, source_stride, target_size, target_stride, target_offset;
  int phases, source_offset[2];

  /** -1 outside the image. */
  int source(int tile, int input, int phase) const {
    const int position = source_stride * (TILE_OUTPUTS * tile + input) + source_offset[phase];
    return position < source_size ? std::max(position, -1) : -1;
  }
  /** -1 outside the image. */
  int target(int tile, int output) const {
    const int position = target_stride * (TILE_OUTPUTS * tile + output) + target_offset;
    return position < target_size ? position : -1;
  }
};

/**
 * A convolution of stride 1 of phases of images, added up. The rows and columns of a strided convolution's inputs are its phases:
 * every second one from the first and from the second on.
 */
struct WinogradPass {
  int batch, source_channels, target_channels;
  WinogradAxis rows, columns;

  int tiles() const { return batch * rows.tiles * columns.tiles; }
  int phases() const { return rows.phases * columns.phases; }
  /** Rows of a matrix of weights. */
  int depth() const { return phases() * source_channels; }
};

/** Consecutive tiles, numbered through all images. */
struct WinogradRange {
  const WinogradPass& pass;
  int first, tiles;

  /** Floats from one tile's transformed inputs to the next tile's. Not a power of two; a vector may end past the last channel. */
  int source_stride() const { return (ceil_div(pass.depth(), PANEL) + 1) * PANEL; }
  /** Floats of a matrix [tiles][source_stride]. */
  size_t source_size() const { return static_cast<size_t>(tiles) * source_stride() + PANEL; }
  /** Floats of a matrix [tiles][PANEL]. */
  size_t panel_size() const { return matrix_size(tiles); }
};

/** The image, row and column of a tile. */
struct WinogradTile {
  int image, row, column;
  WinogradTile(const WinogradPass& pass, int number)
      : image(number / (pass.rows.tiles * pass.columns.tiles)),
        row(number / pass.columns.tiles % pass.rows.tiles),
        column(number % pass.columns.tiles) {}

  /** Pixel of an image at a position of both axes; null outside. */
  template <class Float>
  static Float* pixel(Float* images, int image, const WinogradPass& pass, int y, int x, bool of_source) {
    if (y < 0 || x < 0) return nullptr;
    const int height = of_source ? pass.rows.source_size : pass.rows.target_size;
    const int width = of_source ? pass.columns.source_size : pass.columns.target_size;
    const int channels = of_source ? pass.source_channels : pass.target_channels;
    return images + ((static_cast<size_t>(image) * height + y) * width + x) * channels;
  }
};

/** The channels of a pixel outside the image. */
class Zeros : public Scratch {
 public:
  explicit Zeros(int channels) : Scratch(channels) { std::fill_n(data(), channels, 0.0f); }
};

/** Calls `visit(channel, count)` for each vector of channels, `count` being LANES, as a constant, wherever there are as many. */
template <class Visit>
inline void each_vector(int channels, const Visit& visit) {
  int channel = 0;
  for (; channel + LANES <= channels; channel += LANES) visit(channel, std::integral_constant<int, LANES>());
  if (channel < channels) visit(channel, channels - channel);
}

/** Source channels of a phase. */
struct SourcePart {
  int phase, begin, count;
};

/** Transforms inputs of a tile: to the first channel of the first product, products being `product_size` floats apart. */
template <class Filter>
inline void transform_source(const WinogradPass& pass, int number, const SourcePart& part, const float* source, const float* zeros,
                             float* values, size_t product_size) {
  constexpr int SIZE = Filter::PRODUCTS;
  const WinogradTile tile(pass, number);
  const float* pixels[SIZE][SIZE];
  for (int row = 0; row < SIZE; row++)
    for (int column = 0; column < SIZE; column++) {
      const int y = pass.rows.source(tile.row, row, part.phase / pass.columns.phases);
      const int x = pass.columns.source(tile.column, column, part.phase % pass.columns.phases);
      const float* pixel = WinogradTile::pixel(source, tile.image, pass, y, x, true);
      pixels[row][column] = pixel == nullptr ? zeros : pixel + part.begin;
    }
  each_vector(part.count, [&](int channel, auto left) {
    transform_2d<SIZE, SIZE>(
        Filter::transform_inputs, [&](int row, int column) { return load(pixels[row][column] + channel, left); },
        [&](int row, int column, Vector vector) { store(values + (row * SIZE + column) * product_size + channel, vector); });
  });
}

/**
 * Transformed inputs [products²][tiles][source_stride] of a range, of those `count` of its tiles that begin with number `begin`. A
 * tile's phases follow each other.
 */
template <class Filter>
inline void transform_sources(const WinogradRange& range, int begin, int count, const float* source, float* values) {
  const WinogradPass& pass = range.pass;
  const Zeros zeros(pass.source_channels);
  for (int number = begin; number < begin + count; number++)
    for (int phase = 0; phase < pass.phases(); phase++) {
      float* to = values + static_cast<size_t>(number) * range.source_stride() + phase * pass.source_channels;
      const SourcePart all{phase, 0, pass.source_channels};
      transform_source<Filter>(pass, range.first + number, all, source, zeros.data(), to, range.source_size());
    }
}

/** Pixels of a tile's outputs; null outside the image. */
template <class Float>
struct TargetPixels {
  Float* pixels[TILE_OUTPUTS][TILE_OUTPUTS];
  TargetPixels(const WinogradPass& pass, int number, Float* target) {
    const WinogradTile tile(pass, number);
    for (int row = 0; row < TILE_OUTPUTS; row++)
      for (int column = 0; column < TILE_OUTPUTS; column++)
        pixels[row][column] = WinogradTile::pixel(target, tile.image, pass, pass.rows.target(tile.row, row),
                                                  pass.columns.target(tile.column, column), false);
  }
};

/** Writes `channels` outputs from `begin` on of a range's products, [panel][products²][tiles][PANEL]. */
template <class Filter>
inline void write_targets(const WinogradRange& range, const float* products, int begin, int channels, const Finish& finish,
                          float* target) {
  constexpr int SIZE = Filter::PRODUCTS;
  for (int number = 0; number < range.tiles; number++) {
    const TargetPixels<float> to(range.pass, range.first + number, target + begin);
    each_vector(channels, [&](int channel, auto count) {
      const float* from = products + channel_offset(channel, SIZE * SIZE * range.panel_size()) + static_cast<size_t>(number) * PANEL;
      transform_2d<SIZE, TILE_OUTPUTS>(
          Filter::transform_outputs,
          [&](int row, int column) { return load(from + (row * SIZE + column) * range.panel_size()); },
          [&](int row, int column, Vector vector) {
            float* pixel = to.pixels[row][column];
            if (pixel != nullptr) store(pixel + channel, finish.outputs(vector, begin + channel, count), count);
          });
    });
  }
}

/** Gradients of a range's products, [panel][products²][tiles][PANEL], from those of `channels` outputs from `begin` on. */
template <class Filter>
inline void transform_target_gradients(const WinogradRange& range, int begin, int channels, const float* gradient, float* products) {
  constexpr int SIZE = Filter::PRODUCTS;
  const Zeros zeros(channels);
  for (int number = 0; number < range.tiles; number++) {
    TargetPixels<const float> from(range.pass, range.first + number, gradient + begin);
    for (auto& row : from.pixels)
      for (auto& pixel : row)
        if (pixel == nullptr) pixel = zeros.data();
    each_vector(ceil_div(channels, PANEL) * PANEL, [&](int channel, auto) {
      float* to = products + channel_offset(channel, SIZE * SIZE * range.panel_size()) + static_cast<size_t>(number) * PANEL;
      const int left = channels - channel;
      transform_2d<TILE_OUTPUTS, SIZE>(
          Filter::transform_outputs_gradient, [&](int row, int column) { return load(from.pixels[row][column] + channel, left); },
          [&](int row, int column, Vector vector) { store(to + (row * SIZE + column) * range.panel_size(), vector); });
    });
  }
}

}  // namespace pipe
