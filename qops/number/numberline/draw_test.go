package numberline

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"strings"
	"testing"

	"github.com/halftone-go/halftone/qops/number"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestValues(t *testing.T) {
	for _, c := range []struct {
		format string
		want   []float64
	}{
		{"fixed:w3f1,rne,sat", []float64{-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5}},
		{"fixed:w3f1,rne,sym", []float64{-1.5, -1, -0.5, 0, 0.5, 1, 1.5}},
		{"float:e2m1fn,rne,sat", []float64{-6, -4, -3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, 4, 6}},
		{"float:e2m1ieee,rne,sat", []float64{-3, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3}},
		{"bfp:w3e8,block=16x16,rne,sat", []float64{-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5}},
		{"bfp:w2e8,block=4,axis=7,rne,sat", []float64{-2, -1, 0, 1}},
		{"mx:e2m1,scale=floor,axis=0,rne,sat", []float64{-1.5, -1, -0.75, -0.5, -0.375, -0.25, -0.125, 0, 0.125, 0.25, 0.375, 0.5, 0.75, 1, 1.5}},
		{"int:w2,scale=run,rne,sat", []float64{-2, -1, 0, 1}},
		{"int:w2,scale=max,zero=auto,rne,sat", []float64{-2. / 3, 0, 2. / 3, 4. / 3}},
		{"ternary:t0.7", []float64{-1, 0, 1}},
		{"posit:n3es0,rne", []float64{-2, -1, -0.5, 0, 0.5, 1, 2}},
	} {
		got, err := Values(number.MustParse(c.format))
		require.NoError(t, err, c.format)
		assert.InDeltaSlice(t, c.want, got, 1e-6, c.format)
	}
	for format, want := range map[string]string{
		"exact": "rule for sums", "float32": "too many values", "fixed:w17f0,rne,sat": "at most 16 bits", "levels:4,optimal,sr": "from the elements",
	} {
		_, err := Values(number.MustParse(format))
		assert.ErrorContains(t, err, want)
	}
}

// Every kind of format gives pictures that are read as what they are.
func TestDraw(t *testing.T) {
	for _, e := range number.List() {
		f := number.MustParse(e.Example)
		if _, err := Values(f); err != nil {
			assert.Error(t, Draw(io.Discard, f, "png"))
			continue
		}
		if e.Part != "kind" {
			continue
		}
		var picture bytes.Buffer
		require.NoError(t, Draw(&picture, f, "png"), e.Example)
		_, err := png.Decode(&picture)
		require.NoError(t, err)
		picture.Reset()
		require.NoError(t, Draw(&picture, f, "svg"))
		assert.Contains(t, picture.String(), e.Example)
		require.NoError(t, xml.Unmarshal(picture.Bytes(), new(struct{})))
	}
	assert.ErrorContains(t, Draw(io.Discard, number.MustParse("ternary:t0.7"), "pdf"), "png or svg")
}

// A stroke per value, where they can be told apart; not more than fit where they cannot.
func TestStrokes(t *testing.T) {
	count := func(format string) int {
		var picture bytes.Buffer
		require.NoError(t, Draw(&picture, number.MustParse(format), "svg"))
		return strings.Count(picture.String(), "<path")
	}
	assert.Less(t, count("fixed:w4f0,rne,sat")+10, count("fixed:w5f0,rne,sat"))
	assert.Less(t, count("float:e5m10ieee,rne,sat"), 12000)
}

func TestPowers(t *testing.T) {
	var labels []string
	for _, tick := range (powers{4}).Ticks(-2.5, 1) {
		labels = append(labels, tick.Label)
	}
	assert.Equal(t, []string{"2^-2", "2^-1", "2^0", "2^1"}, labels)
	ticks := powers{16}.Ticks(-149, 128)
	assert.LessOrEqual(t, len(ticks), 17)
	assert.InDelta(t, -128, ticks[0].Value, 0)
}
