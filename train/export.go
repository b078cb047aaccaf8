package train

import "github.com/halftone-go/halftone/optimizers"

// WriteRecord writes the run's record into another folder, for what is made of the run.
func (t *Trained) WriteRecord(dir string) error {
	optimizer, err := optimizers.Parse(t.Config.Optimizer, t.Config.Options)
	if err != nil {
		return err
	}
	r := t.Config.record(optimizer)
	return r.write(dir)
}
