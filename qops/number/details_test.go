package number

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestDetails are facts of well-known formats that a description must have.
func TestDetails(t *testing.T) {
	for s, want := range map[string]Description{
		"float:e4m3fn,rne,sat": {
			StepAtOne: "0.125", Smallest: "0.001953125", SmallestNormal: "0.015625", NaN: "code 0x7f", Infinity: "becomes the end of the range",
			Storage: "8 bits per value",
		},
		"float:e5m2ieee,rne,inf": {
			StepAtOne: "0.25", Smallest: "1.52587890625e-05", SmallestNormal: "6.103515625e-05", NaN: "code 0x7e", Infinity: "code 0x7c",
			Storage: "8 bits per value",
		},
		"float:e4m3fnuz,rne,inf": {
			StepAtOne: "0.125", Smallest: "0.0009765625", SmallestNormal: "0.0078125", NaN: "code 0x80", Infinity: "becomes NaN",
			Storage: "8 bits per value",
		},
		"float:e2m1fn,rne,zero": {
			StepAtOne: "0.5", Smallest: "0.5", SmallestNormal: "1", NaN: "becomes 0", Infinity: "becomes 0", Storage: "4 bits per value",
		},
		"mx:e2m1,scale=floor,rne,sat": {
			Smallest: "0.5 * 2^k", SmallestNormal: "1 * 2^k", NaN: "makes its whole block NaN", Infinity: "becomes the end of the range",
			Storage: "4.25 bits per value: 4, and 8 for each block of 32",
		},
		"nv:e2m1,rne,sat": {
			Smallest: "0.5 * scale", SmallestNormal: "1 * scale", NaN: "makes its whole block NaN", Infinity: "becomes the end of the range",
			Storage: "4.5 bits per value: 4, and 8 for each block of 16",
		},
		"fixed:w8f4,rne,sat": {
			StepAtOne: "0.0625", Smallest: "0.0625", NaN: "becomes 0", Infinity: "becomes the end of the range", Storage: "8 bits per value",
		},
		"bfp:w8e8,block=16x16,sr,sat": {
			Smallest: "2^(E-6)", NaN: "becomes 0", Infinity: "becomes the end of the range",
			Storage: "8.03125 bits per value: 8, and 8 for each block of 256",
		},
		"int:w4,scale=max,block=channel,rne,zero": {
			Smallest: "scale", NaN: "becomes 0", Infinity: "becomes 0", Storage: "4 bits per value, and 32 for each block",
		},
	} {
		got := MustParse(s).Describe()
		if want.Gradient == "" {
			want.Gradient = gradientText
		}
		assert.Equal(t,
			[]string{want.StepAtOne, want.Smallest, want.SmallestNormal, want.NaN, want.Infinity, want.Gradient, want.Storage},
			[]string{got.StepAtOne, got.Smallest, got.SmallestNormal, got.NaN, got.Infinity, got.Gradient, got.Storage}, s)
	}
}
