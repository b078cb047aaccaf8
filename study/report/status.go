package report

// Status says whether a figure is what it should be.
type Status int

// The states of a figure.
const (
	// Unjudged is a figure that nothing is expected of.
	Unjudged Status = iota
	// OK is a figure that is as it should be.
	OK
	// Missed is one that is not.
	Missed
)

// String returns "", "ok" or "missed".
func (s Status) String() string {
	switch s {
	case OK:
		return "ok"
	case Missed:
		return "missed"
	}
	return ""
}

// Sign returns the mark that stands before a status, so that it does not rest on colour alone.
func (s Status) Sign() string {
	switch s {
	case OK:
		return "✓"
	case Missed:
		return "✗"
	}
	return ""
}
