package kernel

import "unsafe"

// Sums over a plane are taken in float64 in eight lanes: element i goes to lane i mod 8, each lane adds its terms in
// ascending order from +0, and the lanes are added as ((0+4)+(2+6)) + ((1+5)+(3+7)).

// sumLanes is the number of lanes.
const sumLanes = 8

// PlaneSum returns the sum of x.
func PlaneSum[T Float](x []T) float64 {
	if sum, ok := plane(opSum, x, x, 0); ok {
		return sum
	}
	var lanes [sumLanes]float64
	for i, v := range x {
		lanes[i%sumLanes] += float64(v)
	}
	return foldLanes(&lanes)
}

// PlaneDot returns the sum of x[i]·y[i], each product rounded to float64.
func PlaneDot[T Float](x, y []T) float64 {
	if sum, ok := plane(opDot, x, y, 0); ok {
		return sum
	}
	var lanes [sumLanes]float64
	for i, v := range x {
		lanes[i%sumLanes] += float64(float64(v) * float64(y[i]))
	}
	return foldLanes(&lanes)
}

// PlaneSquares returns the sum of (x[i] - center)², difference and square rounded to float64.
func PlaneSquares[T Float](x []T, center float64) float64 {
	if sum, ok := plane(opSquares, x, x, center); ok {
		return sum
	}
	var lanes [sumLanes]float64
	for i, v := range x {
		d := float64(v) - center
		lanes[i%sumLanes] += float64(d * d)
	}
	return foldLanes(&lanes)
}

func foldLanes(l *[sumLanes]float64) float64 {
	return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]))
}

type planeOp int

const (
	opSum planeOp = iota
	opDot
	opSquares
)

// planeArgs are the arguments of the kernels of sums over float32.
type planeArgs struct {
	x, y   unsafe.Pointer
	n      int
	center float64
	result float64
}

// plane runs the kernel of a sum, if there is one, after it has checked the lengths.
func plane[T Float](op planeOp, x, y []T, center float64) (sum float64, ok bool) {
	if len(x) != len(y) {
		panic(badLength)
	}
	if size[T]() != 4 {
		return 0, false
	}
	args := planeArgs{x: address(x), y: address(y), n: len(x), center: center}
	ok = planeKernel(op, &args)
	return args.result, ok
}
