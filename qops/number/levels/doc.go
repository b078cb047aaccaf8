// Package levels chooses quantization points from the data: for sorted values x and a number of points, the ascending
// points that make the variance of unbiased stochastic rounding between neighbouring points least,
//
//	sum over x of (r - x)(x - l),  l <= x <= r the points around x
//
// which is the objective of ZipML (Zhang and others, ICML 2017). A best choice has its points among the data and holds
// the smallest and the largest value. [Optimal] finds it exactly, [Approximate] nearly, with a certificate of how nearly;
// [Uniform] spaces its points evenly. [Sorted] prepares the values.
//
// # Method
//
// Let C(i, j) be the variance of the values between x_i and x_j when both are neighbouring points. The best sum is a
// shortest path of points-1 steps, and C is superadditive and Monge: a row of the dynamic programme
//
//	F_t(j) = min over i <= j of F_(t-1)(i) + C(i, j)
//
// is the row minima of a totally monotone matrix, which the SMAWK algorithm finds in linear time. So after sorting, all
// takes O(points * values), as in QUIVER (Ben Basat and others, 2024). Most of that is spared: C shrinks when its
// interval does, so the same recursion over cells of neighbouring values, with C from a cell's last value to another's
// first, is a lower bound of all choices whose points lie in those cells. What lies above the variance of a choice
// already known is dropped; the rest is cut into smaller cells, down to single values, which makes the bound exact.
// Nothing is lost by it, and data for which nothing can be dropped still take O(points * values).
//
// # Accuracy
//
// C comes from prefix sums of x and x^2 in double-double arithmetic (about 106 bits), taken from zero outwards, so that
// no sum holds values larger than those of its interval. For d values that are float32 numbers the result's variance is
// at most the optimum times 1 + d*2^-50. For float64 values of more than 24 significant bits it exceeds the optimum by
// at most that or by d*2^-95*max|x|^2, whichever is more.
//
// # Memory
//
// Beside the sorted values: two bytes per value for the sums, and about 120 bytes for each value that could not be
// dropped, which for ordinary data are a few ten thousand whatever the size. Paths are found by divide and conquer
// (Hirschberg) when the table of all partial sums would be larger than 128 MiB.
package levels
