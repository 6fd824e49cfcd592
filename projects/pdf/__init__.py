"""The 申报书 on paper: what is printed, when it is made, and who asked for it."""
