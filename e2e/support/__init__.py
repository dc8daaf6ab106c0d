"""What journeys stand on: processes of the binary, a browser, axe, and eyes of their own at the other side."""
