package train

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/halftone-go/halftone/internal/npy"
	"github.com/halftone-go/halftone/optimizers"
	"github.com/pkg/errors"
)

// folder is where a run leaves its files.
type folder struct {
	dir string
	was *Record // of the run that is taken up, nil for a new one
}

// openFolder checks the folder before anything is computed. Nothing is written.
func openFolder(c *Config) (*folder, error) {
	f := &folder{dir: c.Out}
	if c.Out == "" {
		return f, nil
	}
	if c.Resume {
		var err error
		f.was, err = ReadRecord(c.Out)
		return f, errors.Wrap(err, "to begin a run leave --resume out")
	}
	if _, err := os.Stat(filepath.Join(c.Out, RecordFile)); err == nil {
		return nil, errors.Errorf("folder %s holds a run: take it up with --resume, or name another folder", c.Out)
	}
	entries, err := os.ReadDir(c.Out)
	if os.IsNotExist(err) {
		return f, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "the run's folder")
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") { // files that atomicfile left when it was killed are no obstacle
			return nil, errors.Errorf("folder %s is not empty: it holds %s; name another folder", c.Out, e.Name())
		}
	}
	return f, nil
}

// begin writes the record of a new run, or brings the session to where the run that is taken up stood.
func (f *folder) begin(s *session) error {
	if f.dir == "" {
		return nil
	}
	if f.was == nil {
		if err := os.MkdirAll(f.dir, 0o777); err != nil {
			return errors.Wrap(err, "the run's folder")
		}
		if s.config.From != "" { // to be resumed without the other run, and written first: the record makes it a run
			if err := s.save(nil); err != nil {
				return err
			}
			if err := s.saver.wait(); err != nil {
				return err
			}
		}
		return s.record.write(f.dir)
	}
	if d := s.record.difference(f.was); d != "" {
		return errors.Errorf("%s holds another run: %s; give what it was begun with, or begin anew in another folder", f.dir, d)
	}
	if s.config.Steps != f.was.Steps && s.schedule.wholeRun() {
		return errors.Errorf("the schedule %s depends on the number of steps, which was %d and cannot become %d", s.schedule, f.was.Steps, s.config.Steps)
	}
	if err := f.clean(); err != nil {
		return err
	}
	if err := f.restore(s); err != nil {
		return err
	}
	if s.config.Steps < s.step {
		return errors.Errorf("the run in %s has made %d steps, more than %d", f.dir, s.step, s.config.Steps)
	}
	if s.config.Steps == f.was.Steps {
		return nil
	}
	return s.record.write(f.dir)
}

// clean removes what a killed run left half-written under a temporary name.
func (f *folder) clean() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		for _, name := range []string{RecordFile, MetricsFile, CheckpointFile} {
			if !strings.HasPrefix(e.Name(), "."+name+".") {
				continue
			}
			if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// restore brings the session to the folder's checkpoint, if there is one: a run may have been killed before its first.
func (f *folder) restore(s *session) error {
	c, err := loadCheckpoint(f.dir, f.was)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	rows, err := ReadMetrics(f.dir)
	if err != nil {
		return err
	}
	for _, r := range rows {
		// A row that is younger than the checkpoint is made again. One of the same step is older if no losses have been
		// collected since.
		if r.Step < c.Step || r.Step == c.Step && c.LossCount == 0 {
			s.rows = append(s.rows, r)
		}
	}
	return errors.Wrap(s.restore(c), filepath.Join(f.dir, CheckpointFile))
}

// loadCheckpoint reads the checkpoint of the run with the given record.
func loadCheckpoint(dir string, r *Record) (*checkpoint, error) {
	name := filepath.Join(dir, CheckpointFile)
	c, err := readCheckpoint(name)
	if err != nil {
		return nil, err
	}
	if c.Run != r.identity() {
		return nil, errors.Errorf("%s belongs to another run than the %s beside it", name, RecordFile)
	}
	return c, nil
}

// restore brings the session to a checkpoint.
func (s *session) restore(c *checkpoint) error {
	if err := c.network(s.network.program); err != nil {
		return err
	}
	state, err := c.optimizer()
	if err != nil {
		return err
	}
	if err := s.optimizer.Restore(state); err != nil {
		return err
	}
	if c.hasAveraged() {
		s.averaged.step = c.Step
		if s.averaged.statistics, err = c.statistics(averagedFolder, s.network.program); err != nil {
			return err
		}
	}
	s.saver.step = c.Step
	s.step, s.lossSum, s.lossCount = c.Step, c.LossSum, c.LossCount
	if s.scale.dynamic {
		s.scale.scale, s.scale.good = c.ErrorScale, c.GoodSteps
	}
	return nil
}

// checkpoint is the session as it stands between two steps.
func (s *session) checkpoint() *checkpoint {
	c := &checkpoint{
		manifest: manifest{
			Halftone: checkpointVersion, Run: s.record.identity(), Step: s.step,
			LossSum: s.lossSum, LossCount: s.lossCount, ErrorScale: s.scale.scale, GoodSteps: s.scale.good,
		},
		tensors: map[string]*npy.Array{},
	}
	c.putNetwork(s.network.program)
	c.putOptimizer(s.optimizer.State())
	if s.averaged.statistics != nil && s.averaged.step == s.step {
		c.putStatistics(averagedFolder, s.network.program, s.averaged.statistics)
	}
	return c
}

// save begins to write a checkpoint, and rows of metrics if there are new ones.
func (s *session) save(rows []Row) error {
	if s.config.Out == "" {
		return nil
	}
	for _, q := range s.network.program.Parameters() {
		if i := slices.IndexFunc(q.Value.F32, func(x float32) bool { return !finite(float64(x)) }); i >= 0 {
			return s.diverged(s.step, errors.Wrapf(optimizers.ErrNotFinite, "the first tensor that is not finite is %s (a parameter of layer %s) after the update: element %d is %v; these weights are not saved",
				q.Name, q.Layer, i, q.Value.F32[i]))
		}
	}
	return s.saver.save(s.checkpoint(), rows)
}

// saveSometimes begins to write a checkpoint if the last one is old and is written.
func (s *session) saveSometimes() error {
	idle, err := s.saver.idle()
	if err != nil || !idle || time.Since(s.saver.began) < s.config.CheckpointInterval {
		return err
	}
	return s.save(nil)
}
