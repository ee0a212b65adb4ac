import FormatIO
