// Package arrayfile quantizes arrays in files of any size, piece by piece, with the bits that quantizing the whole array
// in memory gives.
//
// How an array is cut depends on what the scales of its format depend on:
//
//   - nothing (fixed, float, int with a given scale): anywhere, in one pass
//   - elements that are neighbours along the last axes (block=sample, row, 32, mx, ...): between blocks, in one pass
//   - the extremes of elements from all over the array (block=tensor, block=channel but on axis 0): one pass finds the
//     scales, a second one rounds
//   - all such elements, not only their extremes (levels, scale=mse, ...): not at all; the array must fit the memory
package arrayfile
