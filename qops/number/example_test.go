package number_test

import (
	"fmt"

	"github.com/halftone-go/halftone/qops/number"
)

func ExampleParse() {
	f, err := number.Parse("fixed:w8f4,sat,rne")
	fmt.Println(f, err)
	_, err = number.Parse("fixed:w8f4,rne")
	fmt.Println(err)
	// Output:
	// fixed:w8f4,rne,sat <nil>
	// format "fixed:w8f4,rne", at offset 14: the overflow is missing: one of sat sym wrap zero; did you mean "fixed:w8f4,rne,sat"?
}

func ExampleQuantize() {
	f := number.MustParse("bfp:w4e8,block=sample,rne,sat")
	x := []float32{1, 0.3, -0.6, 100, 30, 1}
	var scales number.Scales
	stats, err := number.Quantize(f, x, x, []int{2, 3}, number.Options{Scales: &scales})
	fmt.Println(x, scales.Step, stats.Underflowed, err)
	// Output: [1 0.25 -0.5 96 32 0] [0.25 16] 1 <nil>
}

func ExampleEncode() {
	f := number.MustParse("int:w8,scale=0.5,rne,sat")
	codes := make([]int32, 3)
	stats, err := number.Encode(f, codes, []float64{1.3, -70, 0.25}, []int{3}, number.Options{})
	fmt.Println(codes, stats.Clipped, err)
	// Output: [3 -128 0] 1 <nil>
}
