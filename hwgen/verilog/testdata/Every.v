// A header.
// Has every operation.
module Every (
  input  wire clock,
  input  wire reset,  // synchronous
  input  wire [3:0] a,  // an operand
  input  wire [3:0] b,
  input  wire [3:0] u,
  output wire [7:0] product_out,
  output wire [5:0] product_unsigned,
  output wire [3:0] shifts,
  output wire [3:0] shift_unsigned,
  output wire [3:0] chosen,
  output wire [2:0] joined,
  output wire [5:0] wide,
  output wire [5:0] wide_unsigned,
  output wire [3:0] later_out,
  output wire [39:0] big,
  output wire as_bit
);
  reg  [3:0] state;  // a register with reset
  reg  free;  // a register with reset and without enable
  reg  plain;  // a register with neither
  wire [3:0] inner_held_out;
  wire inner_spare;
  wire [3:0] later;
  wire [7:0] product = $signed({{4{a[3]}}, a}) * $signed({{4{b[3]}}, b});
  assign later = a - inner_held_out;
  Inner inner (
    .clock(clock),
    .value(later),
    .enable(free | plain),
    .held_out(inner_held_out),
    .spare(inner_spare)
  );
  always @(posedge clock) begin
    if (reset) begin
      state <= 4'd3;
    end else if ($signed(a) < $signed(b)) begin
      state <= state + u;
    end
  end
  always @(posedge clock) begin
    if (reset) begin
      free <= 1'b0;
    end else begin
      free <= ~free;
    end
  end
  always @(posedge clock) begin
    plain <= u == state;
  end
  assign product_out = product;
  assign product_unsigned = {2'd0, u} * 6'd3;
  assign shifts = $signed($signed(a) >>> u) + ((a + b) << u);
  assign shift_unsigned = (u & state) >> u;
  assign chosen = (u < state) ? 4'h8 : ~a;
  assign joined = {product[6:5], a[3]};
  assign wide = {{2{a[3]}}, a};
  assign wide_unsigned = {2'd0, u};
  assign later_out = later;
  assign big = 40'hf800000000;
  assign as_bit = u[0] ? ~free : u[1];
  wire unused = &{1'b0, inner_spare};
endmodule
