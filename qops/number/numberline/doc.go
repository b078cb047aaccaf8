// Package numberline draws the values of a number format: where they lie, and how far apart they are.
package numberline
