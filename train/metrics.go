package train

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/halftone-go/halftone/internal/atomicfile"
	"github.com/pkg/errors"
)

// Row is a row of metrics.csv.
type Row struct {
	// Step is the number of updates, and Epoch that divided by the whole batches of the training data.
	Step  int
	Epoch float64
	// TrainLoss is the mean loss of the batches since the row before, each at the weights before its update.
	TrainLoss float64
	// Metrics are those of the test part. In a row that was read Samples is 0.
	Metrics
	// Seconds are those that the run has taken, over all its parts if it was resumed.
	Seconds float64
}

func header(text bool) []string {
	score, _ := Metrics{Text: text}.Score()
	return []string{"step", "epoch", "train_loss", "val_loss", score, "seconds"}
}

// writeMetrics writes metrics.csv anew, whole or not at all.
func writeMetrics(dir string, text bool, rows []Row) error {
	return atomicfile.Write(filepath.Join(dir, MetricsFile), func(w io.Writer) error {
		table := csv.NewWriter(w)
		records := [][]string{header(text)}
		for _, r := range rows {
			_, score := r.Score()
			records = append(records, []string{
				strconv.Itoa(r.Step), formatFloat(r.Epoch), formatFloat(r.TrainLoss), formatFloat(r.Loss), formatFloat(score),
				strconv.FormatFloat(r.Seconds, 'f', 2, 64),
			})
		}
		return table.WriteAll(records)
	})
}

// ReadMetrics reads metrics.csv of a run's folder; a run that has not been evaluated yet has no rows.
func ReadMetrics(dir string) ([]Row, error) {
	name := filepath.Join(dir, MetricsFile)
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	rows, err := parseMetrics(file)
	return rows, errors.Wrap(err, name)
}

// parseMetrics reads the content of a metrics.csv, which may be anything.
func parseMetrics(r io.Reader) ([]Row, error) {
	table := csv.NewReader(r)
	first, err := table.Read()
	if err != nil {
		return nil, errors.Wrap(err, "the header")
	}
	var rows []Row
	text := len(first) > 4 && first[4] == header(true)[4]
	for i, name := range header(text) {
		if len(first) != 6 || first[i] != name {
			return nil, errors.Errorf("the columns are %v, not %v", first, header(text))
		}
	}
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row, err := parseRow(record, text)
		if err != nil {
			return nil, errors.Wrapf(err, "row %d", len(rows)+1)
		}
		rows = append(rows, row)
	}
}

func parseRow(record []string, text bool) (Row, error) {
	row := Row{Metrics: Metrics{Text: text}}
	var err error
	if row.Step, err = strconv.Atoi(record[0]); err != nil {
		return row, errors.Errorf("the step %q is no number", record[0])
	}
	score := &row.Accuracy
	if text {
		score = &row.Perplexity
	}
	for i, field := range []*float64{&row.Epoch, &row.TrainLoss, &row.Loss, score, &row.Seconds} {
		if *field, err = strconv.ParseFloat(record[i+1], 64); err != nil {
			return row, errors.Errorf("%s %q is no number", header(text)[i+1], record[i+1])
		}
	}
	return row, nil
}
