# Workload W1 by deSolve's lsoda with a compiled model: Rscript w1.R FOLDER MODEL.so
#
# FOLDER/parameters.csv holds the patients' parameters, FOLDER/levels.csv a row per patient with the exact levels of parent, then
# metabolite (ng/mL). Writes patients per second and the largest error relative to a patient's own peak to FOLDER/desolve.txt.
library(deSolve)
arguments <- commandArgs(TRUE)
folder <- arguments[1]
invisible(dyn.load(arguments[2]))
model <- sub("[.]so$", "", basename(arguments[2]))

patients <- read.csv(file.path(folder, "parameters.csv"))
exact <- as.matrix(read.csv(file.path(folder, "levels.csv"), header = FALSE))
times <- (0:288) * 5 / 60
states <- c("nasal", "gut", "central", "shallow", "deep", "met_central", "met_peripheral")
device <- 28 # mg

solve_patient <- function(p) {
    rates <- c(p$ka_n, p$ka_g, p$Q2 / p$V1, p$Q2 / p$V2, p$Q3 / p$V1, p$Q3 / p$V3, p$CL / p$V1,
               p$Qm / p$Vm, p$Qm / p$Vmp, p$CLm / p$Vm)
    start <- setNames(c(p$F_n * device, p$F_g * device, 0, 0, 0, 0, 0), states)
    doses <- data.frame(var = rep(c("nasal", "gut"), 2), time = rep(c(5, 10) / 60, each = 2),
                        value = rep(c(p$F_n, p$F_g) * device, 2), method = "add")
    amounts <- ode(start, times, func = "derivs", parms = rates, dllname = model, initfunc = "initmod",
                   method = "lsoda", rtol = 1e-8, atol = 1e-12, events = list(data = doses))
    1000 * c(amounts[, "central"] / p$V1, amounts[, "met_central"] / p$Vm)
}

levels <- matrix(0, nrow(patients), 2 * length(times))
seconds <- system.time(for (i in seq_len(nrow(patients))) levels[i, ] <- solve_patient(patients[i, ]))["elapsed"]
worst <- 0
for (columns in list(1:289, 290:578)) {
    peaks <- apply(exact[, columns], 1, max)
    worst <- max(worst, apply(abs(levels[, columns] - exact[, columns]), 1, max) / peaks)
}
writeLines(format(c(nrow(patients) / seconds, worst), digits = 15), file.path(folder, "desolve.txt"))
