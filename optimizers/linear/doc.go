// Package linear fits linear models in float64 with the algorithms of package optimizers: least squares, logistic regression
// and a linear support vector machine, with analytic gradients.
//
// Only what the formats name is on a grid: the model (Formats.Master), or HALP's offset (Formats.Offset). Data, predictions
// and gradients stay in float64. This is how the papers draw their convex figures, and it shows an algorithm's floor without
// that of the arithmetic around it.
package linear
