package graph

// Together are the names of the products of each unit of them that the plan runs together, by its number of left factors.
func (p *Program) Together() map[int][][]string {
	out := map[int][][]string{}
	for _, st := range p.machine.stages {
		for i := range st.byRow {
			b := &st.byRow[i]
			if b.products == nil {
				continue
			}
			var names []string
			for _, s := range p.machine.steps[st.from+i:][:b.together.steps] {
				names = append(names, p.placed.info[s.node].point.Name)
			}
			out[b.together.lefts] = append(out[b.together.lefts], names)
		}
	}
	return out
}
