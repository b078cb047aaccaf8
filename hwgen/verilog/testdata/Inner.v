// A header.
// Holds a value.
module Inner (
  input  wire clock,
  input  wire [3:0] value,
  input  wire enable,
  output wire [3:0] held_out,
  output wire spare
);
  reg  [3:0] held;
  always @(posedge clock) begin
    if (enable) begin
      held <= value;
    end
  end
  assign held_out = held;
  assign spare = 1'b1;
endmodule
