package policy

// Role is what a tensor is for. The default of a policy has a format for every role.
type Role string

// The roles, in the order in which a policy lists them.
const (
	Input      Role = "input"      // what the caller feeds
	Weight     Role = "weight"     // a parameter that multiplies; batch norm's gamma is one
	Bias       Role = "bias"       // a parameter that is added; batch norm's beta is one
	Activation Role = "activation" // what an op computes on the way forward
	State      Role = "state"      // c and h of an LSTM
	Statistic  Role = "statistic"  // mean, variance and 1/sqrt(variance + epsilon) of batch norm
	Loss       Role = "loss"       // what training minimises
	Error      Role = "error"      // a gradient with respect to an activation, and all else computed on the way back
	Gradient   Role = "gradient"   // a gradient with respect to a parameter
	Momentum   Role = "momentum"   // the running sum of gradients
	Master     Role = "master"     // the copy of a parameter that an optimizer accumulates into
	Offset     Role = "offset"     // HALP's distance z from the centre
	Average    Role = "average"    // SWALP's average of a parameter
	Product    Role = "product"    // a single product inside a sum of products
	Sum        Role = "sum"        // the accumulator of a sum of products
)

var roles = []Role{
	Input, Weight, Bias, Activation, State, Statistic, Loss, Error,
	Gradient, Momentum, Master, Offset, Average, Product, Sum,
}

// Roles returns all roles, in the order in which a policy lists them.
func Roles() []Role { return append([]Role(nil), roles...) }

// ofParameter holds the roles of the tensors that belong to a parameter without being nodes of the graph, or that
// come into being only with an optimizer. A rule for them holds wherever it finds a parameter.
var ofParameter = map[Role]bool{Gradient: true, Momentum: true, Master: true, Offset: true, Average: true}

// ofOptimizer holds the roles of the tensors that only an optimizer has.
var ofOptimizer = map[Role]bool{Momentum: true, Master: true, Offset: true, Average: true}

// insideOp holds the roles of the values inside a sum of products. A rule for them holds wherever it finds an op.
var insideOp = map[Role]bool{Product: true, Sum: true}

func isRole(word string) bool {
	for _, r := range roles {
		if string(r) == word {
			return true
		}
	}
	return false
}

func roleNames() []string {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return names
}
