package report

// Series is a named curve: points that are joined in their order.
type Series struct {
	Name   string
	Points []Point
}

// Point is a point of a series. Values that are not finite make a gap.
type Point struct{ X, Y float64 }

// Curve makes a series of the records of a run, such as the rows of its metrics or the points of a trace, by a function
// that picks what is drawn:
//
//	report.Curve("HALP", fit.Trace, func(p linear.Point) (x, y float64) { return float64(p.Epoch), p.GradientNorm })
func Curve[R any](name string, records []R, pick func(R) (x, y float64)) Series {
	s := Series{Name: name, Points: make([]Point, len(records))}
	for i, r := range records {
		s.Points[i].X, s.Points[i].Y = pick(r)
	}
	return s
}
