package train

import "time"

// Phase is what a run is doing.
type Phase string

// The phases.
const (
	Training     Phase = "training"      // Done of Total steps are made
	FullGradient Phase = "full gradient" // Done of Total batches of the pass over the outer loop's batches
	Statistics   Phase = "statistics"    // of the averaged network's running statistics
	Evaluation   Phase = "evaluation"    // of the test part
)

// Progress is where a run stands.
type Progress struct {
	Phase       Phase
	Done, Total int
	// Step of Steps updates are made; Epoch is as in Row.
	Step, Steps int
	Epoch       float64
	// Loss is that of the last step's batch, MeanLoss the mean since the last row; 0 before the first step.
	Loss, MeanLoss float64
	// LearningRate and ErrorScale are those of the last step.
	LearningRate, ErrorScale float64
	// PerSecond is the number of samples whose gradients were computed, per second of training. SVRG and HALP compute
	// several gradients per step.
	PerSecond float64
	// Remaining is the time left, 0 while it is unknown.
	Remaining time.Duration
	// Row is the latest row of metrics, nil before the first. In the report that follows an evaluation NewRow is set.
	Row    *Row
	NewRow bool
}

// meter measures a run's speed.
type meter struct {
	began    time.Time
	base     float64 // seconds that earlier parts of the run took
	first    int     // the step that this part began at
	training time.Duration
	step     time.Time // when the current step began, zero between steps
}

func newMeter(step int, base float64) *meter {
	return &meter{began: time.Now(), base: base, first: step}
}

func (m *meter) seconds() float64 { return m.base + time.Since(m.began).Seconds() }

func (m *meter) beginStep() { m.step = time.Now() }

func (m *meter) endStep() {
	m.training += time.Since(m.step)
	m.step = time.Time{}
}

// perSecond is the rate of samples in the time that steps took.
func (m *meter) perSecond(samples int) float64 {
	t := m.training
	if !m.step.IsZero() {
		t += time.Since(m.step)
	}
	if t == 0 {
		return 0
	}
	return float64(samples) / t.Seconds()
}

// remaining extrapolates to the given number of steps.
func (m *meter) remaining(step, steps int) time.Duration {
	if step <= m.first {
		return 0
	}
	return time.Since(m.began) / time.Duration(step-m.first) * time.Duration(steps-step)
}
