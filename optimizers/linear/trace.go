package linear

import (
	"encoding/csv"
	"io"
	"strconv"
)

// WriteTrace writes a trace as CSV with the columns epoch, loss and gradient_norm; numbers are written so that reading them
// gives the same bits.
func WriteTrace(w io.Writer, trace []Point) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"epoch", "loss", "gradient_norm"}}
	for _, p := range trace {
		rows = append(rows, []string{
			strconv.Itoa(p.Epoch),
			strconv.FormatFloat(p.Loss, 'g', -1, 64),
			strconv.FormatFloat(p.GradientNorm, 'g', -1, 64),
		})
	}
	return out.WriteAll(rows)
}
