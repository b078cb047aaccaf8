package number

// exactKind is the rule of a sum that is taken without error and rounded once.
type exactKind struct{ linear }

var _ kind = exactKind{}

func (exactKind) name() string    { return "exact" }
func (exactKind) example() string { return "exact" }
func (exactKind) summary() string {
	return "a sum without error, rounded once to the tensor's type; for sums only"
}
func (exactKind) parts(Format) parts { return parts{} }
func (exactKind) parse(p *parser, _ *Format) {
	p.noHead("exact")
}
func (exactKind) text(Format) string { return "exact" }
func (exactKind) sums() bool         { return true }
func (exactKind) describe(Format) (lowest, highest, step string) {
	return "", "", ""
}
