package report_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/halftone-go/halftone/study/report"
)

// A run's own records, whatever their type, become curves.
type epoch struct {
	Number int
	Norm   float64
}

func Example() {
	var halp, sgd []epoch
	for i := range 31 {
		halp = append(halp, epoch{i, math.Pow(10, -float64(i)/3)})
		sgd = append(sgd, epoch{i, 0.02 + math.Pow(10, -float64(i)/3)})
	}
	norm := func(e epoch) (x, y float64) { return float64(e.Number), e.Norm }
	r := report.Report{
		Title:    "A convex problem in 8 bits",
		Subtitle: "logistic regression, 1000 x 20",
		Lead:     "HALP puts the offset from a full-precision point on the grid, and moves grid and point as it goes.",
		Sections: []report.Section{
			{Heading: "Gradient norm after 30 epochs", Blocks: []report.Block{
				report.Figures{
					{Label: "HALP", Value: report.Number(halp[30].Norm, 2), Note: "wanted: 1e6 times less", Status: report.OK},
					{Label: "LP-SGD", Value: report.Number(sgd[30].Norm, 2)},
				},
				report.Lines{
					Title:  "The way there",
					X:      report.Axis{Title: "epoch"},
					Y:      report.Axis{Title: "gradient norm", Log: true},
					Series: []report.Series{report.Curve("HALP", halp, norm), report.Curve("LP-SGD", sgd, norm)},
				},
			}},
			{Heading: "To repeat it", Blocks: []report.Block{
				report.Code{Text: "halftone fit --optimizer halp --epochs 30 --synthetic 1000x20"},
			}},
		},
	}
	folder, err := os.MkdirTemp("", "report")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	if err := r.WriteFile(filepath.Join(folder, "report.html")); err != nil {
		fmt.Println(err)
		return
	}
	if err := r.Screen(os.Stdout, 80, false); err != nil {
		fmt.Println(err)
	}
	// Output:
	// A convex problem in 8 bits
	// logistic regression, 1000 x 20
	//
	// Gradient norm after 30 epochs
	//   HALP    1e-10  ok  wanted: 1e6 times less
	//   LP-SGD   0.02
}
